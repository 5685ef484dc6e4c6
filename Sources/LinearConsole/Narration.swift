package import TerminalKit

/// What was said so far, and what of something new is to be said: text without any sequence of a terminal.
package struct Narration {
    private var last: Spoken?
    /// What was said last of each part that is still open.
    private var known: [Int: Spoken] = [:]
    /// Whether what is typed goes on with a line that was said.
    private var isPrompting = false
    /// Whether something of a secret is on the screen.
    private var showsSecret = false

    package init() {}

    /// Says everything anew.
    package mutating func forget() { (last, known) = (nil, [:]) }

    /// Ends the line that was begun.
    package mutating func end() -> String {
        defer { isPrompting = false }
        return isPrompting ? "\n" : ""
    }

    /// What is to be said now, on a screen of so many rows; nothing where nothing changed but the time.
    package mutating func say(_ new: Spoken, rows: Int) -> String {
        let isElsewhere = last?.part != new.part
        // Of what was closed nothing is kept.
        if isElsewhere { known = known.filter { $0.key <= new.part } }
        var shown = new
        let before = isElsewhere ? known[new.part] : last
        if new.isHeld, let before {
            (shown.lines, shown.choices, shown.secrets) = (before.lines, before.choices, before.secrets)
        }
        var lines = clear(shown, rows) + self.lines(of: shown, before, isElsewhere)
        let echo = echo(shown, isUndisturbed: lines.isEmpty && !isElsewhere)
        let isRepeated = lines.isEmpty && echo == nil && shown.keysPressed != last?.keysPressed
        if isRepeated, shown.focus == last?.focus { lines = shown.alerts.map(Wording.plain) }
        if !shown.secrets.isEmpty { showsSecret = true }
        let focus = lines.isEmpty && !isElsewhere ? changedFocus(shown) : fullFocus(shown, isElsewhere)
        let text =
            echo ?? (lines.isEmpty && focus == nil ? "" : end() + lines.map { $0 + "\n" }.joined() + (focus ?? ""))
        if echo == nil, focus != nil { isPrompting = shown.takesText && focus?.hasSuffix("\n") == false }
        (last, known[new.part]) = (shown, shown)
        return text
    }

    /// Brings what was read of a secret out of sight, which is all that can be done about it.
    private mutating func clear(_ new: Spoken, _ rows: Int) -> [String] {
        guard showsSecret, new.secrets.isEmpty else { return [] }
        showsSecret = false
        return Array(repeating: "", count: max(1, rows))
            + ["The new value is out of sight, but your terminal keeps it: clear its scroll-back before others use it."]
    }

    private func lines(of new: Spoken, _ before: Spoken?, _ isElsewhere: Bool) -> [String] {
        let place = isElsewhere || new.place != last?.place ? [new.place + "."] : []
        let said = Set((before.map { $0.lines } ?? []).map(Wording.timeless))
        var lines = place + new.lines.filter { !said.contains(Wording.timeless($0)) }
        let choices = Set((before?.choices ?? []).map(Wording.timeless))
        let others = new.choices.filter { !choices.contains(Wording.timeless($0)) }
        // Who goes on line by line hears that line, and a single new one is most often the one in focus.
        let isStep =
            before?.numbers.flatMap { old in new.numbers.map { abs($0.selected - old.selected) == 1 } } ?? false
        if others.count > 1, !isStep || before == nil { lines += new.choices }
        if new.secrets != before?.secrets { lines += new.secrets }
        lines += new.alerts.filter { last?.alerts.contains($0) != true }
        let hasOthers = isElsewhere || new.focus == nil && new.keys.count != last?.keys.count
        if new.isDialog && hasOthers || new.keysAsked != last?.keysAsked { lines.append(keys(new)) }
        return lines.map(Wording.plain)
    }

    private func keys(_ spoken: Spoken) -> String {
        "Keys: " + spoken.keys.map { $0.key.isEmpty ? $0.label : "\($0.key) \($0.label)" }.joined(separator: "; ") + "."
    }

    /// What was typed behind a line that was said, if that is all that is new.
    private func echo(_ new: Spoken, isUndisturbed: Bool) -> String? {
        guard isUndisturbed, isPrompting, let old = last?.focus, let focus = new.focus, old.label == focus.label else {
            return nil
        }
        switch (old.entry, focus.entry) {
        case (.text(let before, let place), .text(let now, let cursor))
        where place == before.count && cursor == now.count && now.hasPrefix(before) && now != before:
            return Wording.visible(String(now.dropFirst(before.count)))
        case (.secret(let before), .secret(let now)) where now > before:
            return String(repeating: "*", count: now - before)
        default: return nil
        }
    }

    private func changedFocus(_ new: Spoken) -> String? {
        guard let focus = new.focus else { return nil }
        guard let old = last?.focus, old.label == focus.label else { return Wording.focus(focus) }
        switch (old.entry, focus.entry) {
        // Of how many it is one may be found out later.
        case (.line(let before), .line(let now))
        where Wording.timeless(before) == Wording.timeless(now) && number(old) == number(focus):
            return nil
        case (.choice, .choice(let options, let chosen)) where old.entry != focus.entry:
            return Wording.plain("\(focus.label): \(chosen.map { options[$0] } ?? "nothing") chosen.") + "\n"
        default: return old.entry == focus.entry ? nil : Wording.focus(focus)
        }
    }

    private func number(_ focus: Spoken.Focus) -> Substring? { focus.place.split(separator: " ").first }

    /// Behind other lines a field is said again, so that one knows where one types.
    private func fullFocus(_ new: Spoken, _ isElsewhere: Bool) -> String? {
        guard let focus = new.focus else { return nil }
        return isElsewhere || new.takesText ? Wording.focus(focus) : changedFocus(new)
    }
}
