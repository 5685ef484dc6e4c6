internal import Credentials

extension Line {
    /// What is said of it: a label and its text, or the texts one after the other.
    package var spoken: String {
        let texts = parts.map { $0.text.split(separator: " ").joined(separator: " ") }.filter { !$0.isEmpty }
        guard texts.count > 1, parts.first?.style == .dim else { return texts.joined(separator: ", ") }
        return texts[0] + ": " + texts.dropFirst().joined(separator: " ")
    }
}

extension Table {
    /// What is said of a row: what stands in it, with the column's title where it is no name, address or sentence.
    package func spoken(_ items: [Item]) -> String {
        zip(columns, items).compactMap { column, item in
            if item.text.isEmpty || item.text == "-" { return nil }
            // The title of the column that the list is sorted by ends with an arrow.
            let title = column.title.split(separator: " ").filter { $0 != "▲" && $0 != "▼" }.joined(separator: " ")
            return column.weight >= 3 ? item.text : "\(title) \(item.text)"
        }.joined(separator: "; ")
    }
}

extension Form {
    /// What is said of the field in focus.
    package var spokenFocus: Spoken.Focus? {
        guard let index = fields.firstIndex(where: { $0.id == focus }) else { return nil }
        let field = fields[index]
        let place = fields.count > 1 ? "\(index + 1) of \(fields.count)" : ""
        let entry: Spoken.Entry =
            switch field.content {
            case .text(let text): .text(text.text, cursor: text.cursor)
            case .secret(let entry): .secret(characters: entry.secret.codePointCount)
            case .choice(let choice): .choice(choice.options, chosen: choice.chosen)
            }
        return Spoken.Focus(field.label + (field.isRequired ? ", required" : ""), entry, place: place)
    }

    /// Which fields there are.
    package var spokenFields: String? {
        fields.count > 1 ? "Fields: " + fields.map(\.label).joined(separator: ", ") + "." : nil
    }
}

extension FormDialog {
    /// What is said of it.
    package var spoken: Spoken {
        var spoken = Spoken(place: title, lines: [form.spokenFields].compactMap { $0 }, focus: form.spokenFocus)
        if notice.1 == .danger { spoken.alerts = [notice.0] } else { spoken.lines.append(notice.0) }
        return spoken
    }
}

extension MenuDialog {
    /// The most lines that are read in one go; in a longer menu one finds one's way by typing or by the arrows.
    private var mostRead: Int { field == nil ? 20 : 9 }

    /// What is said of it: the lines by their numbers, and which is chosen.
    package var spoken: Spoken {
        func text(_ row: MenuRow) -> String {
            let mark = row.text.hasPrefix("[x] ") ? "on: " : row.text.hasPrefix("[ ] ") ? "off: " : ""
            let text = mark + row.text.dropFirst(mark.isEmpty ? 0 : 4)
            return row.note.isEmpty ? text : "\(text), \(row.note)"
        }
        let choices = rows.filter(\.isChoice).map(text)
        let place = rows.prefix(index + 1).count(where: \.isChoice)
        var spoken = Spoken(place: title, lines: rows.filter { !$0.isChoice && $0.style != .title }.map(\.text))
        if choices.count <= mostRead {
            // Only the first nine have a key, and none where keys are typed.
            spoken.choices = choices.enumerated().map { at, text in
                at < 9 && field == nil ? "\(at + 1). \(text)" : text
            }
        }
        guard rows.indices.contains(index), rows[index].isChoice else { return spoken.typing(field) }
        let chosen = Spoken.Focus("", .line(text(rows[index])), place: "\(place) of \(choices.count)")
        guard field != nil else {
            spoken.focus = chosen
            return spoken
        }
        spoken.lines.insert("Enter runs \(chosen.place): \(text(rows[index]))", at: 0)
        return spoken.typing(field)
    }
}

extension Spoken {
    /// The same with the keys typed into a field.
    fileprivate func typing(_ field: TextField?) -> Spoken {
        var spoken = self
        if let field { spoken.focus = Focus("Find", .text(field.text, cursor: field.cursor)) }
        return spoken
    }
}
