import AuditStatistics
package import ConsoleRequests
package import TerminalKit

/// What is counted, as it is chosen: by what, and how far back.
package struct StatisticsForm: Menu {
    package enum Field: Hashable, Sendable {
        case grouping, period
    }

    private var form = Form<Field>(focus: .grouping)

    package init(_ selection: TallySelection) {
        func choice(_ id: Field, _ label: String, _ options: [String], _ chosen: Int?) -> FormField<Field> {
            FormField(id: id, label: label, content: .choice(ChoiceField(options, chosen: chosen ?? 0)))
        }
        form.set([
            choice(
                .grouping, "Count by", AuditGrouping.allCases.map(\.rawValue),
                AuditGrouping.allCases.firstIndex(of: selection.grouping)),
            choice(
                .period, "Events of the", AuditPeriod.allCases.map(\.words),
                AuditPeriod.allCases.firstIndex(of: selection.period)),
        ])
    }

    /// What was chosen.
    package var selection: TallySelection {
        TallySelection(
            by: AuditGrouping.allCases[form.choice(.grouping) ?? 0],
            AuditPeriod.allCases[form.choice(.period) ?? 0])
    }

    package var title: String { "Count the log's events" }
    package var hints: [Footer.Hint] { form.hints(enter: "count") }

    private var dialog: FormDialog<Field> {
        FormDialog(title: title, form: form, notice: ("1 to 9, ← and → choose.", .dim))
    }

    package func draw(into buffer: inout Buffer, _ shared: Shared) {
        dialog.draw(into: &buffer, columns: MenuDialog.columns)
    }

    package func spoken(_ shared: Shared) -> Spoken { dialog.spoken }

    package mutating func apply(_ key: Key) { _ = form.apply(key) { _ in nil } }
}
