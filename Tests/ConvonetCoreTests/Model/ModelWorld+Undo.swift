/// What a reset replaced, and what brings it back.
extension ModelWorld {
    /// A password or PIN is replaced by staff, and what stood there is kept.
    mutating func replace(
        _ column: ModelPerson.Column, by value: String?, _ call: ModelCall, _ answer: ModelAnswer
    ) {
        let place = call.person
        let before = column == .password ? people[place].hash : people[place].pin
        keepOthers(of: place, column: column, receipt: answer.sequence)
        people[place].replace(column, by: value, sequence: answer.sequence)
        people[place].receipts[answer.sequence] = column
        renewKept(of: place)
        if house.undoMinutes > 0 {
            people[place].kept.append(
                .init(
                    receipt: answer.sequence, desk: call.desk, column: column, value: before,
                    until: now + house.undoMinutes, edition: people[place].edition))
        }
        notify(call.name, of: place, call.request, receipt: answer.sequence)
        done.append(
            Done(person: place, request: call.request, sequence: answer.sequence, column: column))
    }

    /// Before the row is written: of a column whose last reset something else came after nothing comes back; a reset of the same
    /// column covers the others.
    mutating func keepOthers(of place: Int, column: ModelPerson.Column?, receipt: Int) {
        let person = people[place]
        let ended = person.kept.filter { $0.coveredBy == nil && $0.until > now && $0.edition != person.edition }
            .map(\.column)
        people[place].kept.removeAll { $0.until <= now || ended.contains($0.column) }
        for index in people[place].kept.indices where people[place].kept[index].column == column {
            people[place].kept[index].coveredBy = people[place].kept[index].coveredBy ?? receipt
        }
    }

    /// After it: what is kept stays good through changes of ours.
    mutating func renewKept(of place: Int) {
        for index in people[place].kept.indices where people[place].kept[index].coveredBy == nil {
            people[place].kept[index].edition = people[place].edition
        }
    }

    /// Takes a reset back.
    mutating func undo(_ receipt: Int, _ call: ModelCall, _ answer: ModelAnswer) -> ModelOutcome {
        let place = call.person
        guard let column = people[place].receipts[receipt] else { return .refused("undo_missing") }
        if people[place].undone.contains(receipt) { return .refused("undo_done") }
        guard let kept = people[place].kept.first(where: { $0.receipt == receipt && $0.until > now }) else {
            return .refused("undo_expired")
        }
        if kept.desk != call.desk, call.desk != 2 { return .refused("undo_foreign") }
        if kept.coveredBy != nil { return .refused("undo_covered") }
        if kept.edition != people[place].edition { return .refused("undo_outdated") }
        if column == .pin, let pin = kept.value, people.contains(where: { !$0.isGone && $0.pin == pin }) {
            return .refused("undo_pin_taken")
        }
        people[place].kept.removeAll { $0.receipt == receipt }
        keepOthers(of: place, column: nil, receipt: answer.sequence)
        people[place].write(column, kept.value)
        people[place].credentials += 1
        if column == .pin { people[place].pinChanges += 1 }
        people[place].undone.insert(receipt)
        marks.append("undo of a \(column)")
        for index in people[place].kept.indices where people[place].kept[index].coveredBy == receipt {
            people[place].kept[index].coveredBy = nil
        }
        renewKept(of: place)
        notify("undo", of: place, call.request, receipt: answer.sequence, undoes: receipt)
        done.append(Done(person: place, request: call.request, sequence: answer.sequence))
        return .done
    }
}
