import ConvonetCore
import PostgresClient
import TerminalKit

extension ResetDialog {
    /// What stands below the person, by the stage.
    func bodyLines(_ context: ConsoleContext, _ room: Int) -> [Line] {
        switch stage {
        case .form: formLines(context.policy, room)
        case .working:
            [.text("", .plain), .text("Writing. Please wait…", .strong)]
                + (work?.words.map { TextWrap.lines($0, columns: room) } ?? []).map { .text($0, .caution) }
        case .receipt(let result, let closing): receiptLines(result, closing, room)
        case .ended(let result): endedLines(result, room)
        case .gone:
            [.text("", .plain)]
                + TextWrap.lines("This account is gone: somebody deleted it. Nothing was changed.", columns: room).map {
                    .text($0, .danger)
                }
        }
    }

    /// What changed on the account, and what stands between the form and its being sent.
    func noticeLines(_ room: Int) -> [Line] {
        guard stage == .form else { return [] }
        let changed = changes.isEmpty ? [] : [DisplayText.visible("Meanwhile " + changes.joined(separator: "; ") + ".")]
        return changed.flatMap { TextWrap.lines($0, columns: room) }.map { .text($0, .caution) }
            + (problem.map { TextWrap.lines($0, columns: room) } ?? []).map { .text($0, .danger) }
    }

    private func wrapped(_ label: String, _ text: String, _ style: Style, _ room: Int) -> [Line] {
        // Made visible before it is broken: a line end in a name must not begin a line here.
        TextWrap.lines(DisplayText.visible(text), columns: room - Self.labelColumns(room)).enumerated().map {
            .pair($0.offset == 0 ? label : "", $0.element, style)
        }
    }

    /// Who it is.
    func referenceLines(_ room: Int) -> [Line] {
        wrapped("Name", account.fullName, .strong, room) + wrapped("E-mail", account.email, .strong, room)
            + wrapped("Username", account.username, .plain, room) + wrapped("Id", account.idText, .plain, room)
    }

    /// What must be noticed of the account; `inFull` where no short form of the states stands above.
    func stateLines(_ room: Int, inFull: Bool = true) -> [Line] {
        var lines: [Line] = []
        if inFull, !account.isActive {
            let after = kind.noun == nil ? "" : ", even after this"
            lines += wrapped("State", "INACTIVE: cannot sign in\(after)", .danger, room)
        }
        if inFull, account.isActive, kind == .activity(false) { lines += wrapped("State", "active", .plain, room) }
        if isProtected == true {
            lines += wrapped("Protected", "a supervisor has to approve every change", .caution, room)
        }
        if inFull, account.signIn == .external {
            let marker = account.externalMarker.map { " (\($0))" } ?? ""
            lines += wrapped("Signs in", "elsewhere" + marker, .accent, room)
        }
        if kind == .voicePIN {
            lines += wrapped("Voice PIN", account.hasVoicePIN ? "set" : "not set", .plain, room)
        }
        if case .verification = kind {
            lines += wrapped("Verified", account.isVerified ? "yes" : "no", .plain, room)
        }
        for entry in recent { lines += wrapped("Lately", entry, .caution, room) }
        return lines
    }

    private func formLines(_ policy: Policy, _ room: Int) -> [Line] {
        var lines: [Line] = [.text("", .plain)]
        if let meaning = kind.meaning { lines += wrapped("After this", meaning, .strong, room) }
        for field in fields(policy) {
            if field == .confirmation { lines.append(.text("", .plain)) }
            lines.append(.field(field))
            if field == .secret { lines += secretLines(policy, room) }
            if field == .verifiedBy, let question = verification.flatMap({ policy.verificationMethods[$0].question }) {
                lines += TextWrap.lines(question, columns: room - Self.labelColumns(room)).map {
                    .pair("", $0, .accent)
                }
            }
        }
        return lines
    }

    /// What is said of the typed value as it is typed.
    private func secretLines(_ policy: Policy, _ room: Int) -> [Line] {
        guard !secret.isEmpty else { return [] }
        var lines: [Line] = kind == .password ? [.strength] : []
        let (text, style) = verdict(policy)
        lines += TextWrap.lines(text, columns: room - Self.labelColumns(room)).map { .pair("", $0, style) }
        if kind == .password, secret.secret.hasBlankEnds {
            lines.append(.pair("", "It begins or ends with a space, which is part of it.", .caution))
        }
        if kind == .password, secret.secret.byteCount > secret.secret.codePointCount {
            let text = "It has a character beyond ASCII, which looks like another or is missing on some keyboards."
            lines += TextWrap.lines(text, columns: room - Self.labelColumns(room)).map { .pair("", $0, .caution) }
        }
        return lines
    }

    private func verdict(_ policy: Policy) -> (String, Style) {
        switch kind {
        case .password:
            guard let finding = assessment?.findings.first else { return ("Meets every rule.", .good) }
            return (finding.message, finding.isOverridable ? .caution : .danger)
        case .voicePIN:
            do {
                let pin = try VoicePIN(parsing: secret.secret, lengths: policy.pinLengths)
                return PINRules.weakness(of: pin).map { ($0.message, .danger) } ?? ("Follows no easy pattern.", .good)
            } catch {
                return (error.message, .caution)
            }
        case .activity, .verification, .link, .revokedLinks: return ("", .plain)
        }
    }

    private func receiptLines(_ result: ChangeResult, _ closing: Closing, _ room: Int) -> [Line] {
        let columns = room - Self.labelColumns(room)
        func pairs(_ label: String, _ lines: [String], _ style: Style) -> [Line] {
            lines.enumerated().map { .pair($0.offset == 0 ? label : "", $0.element, style) }
        }
        func wrapped(_ text: String, _ style: Style) -> [Line] {
            TextWrap.lines(text, columns: room).map { .text($0, style) }
        }
        let done = result.isReplicated ? wrapped(doneText, .good) : wrapped("DONE HERE ONLY. " + doneText, .danger)
        var lines: [Line] = [.text("", .plain)] + done
        if result.newSecret != nil, secretShownUntil == nil {
            lines += wrapped("The new value is hidden. Ctrl-R shows it again.", .caution)
        } else if let secret = result.newSecret {
            lines.append(.newValue(secretLabel(room), secret.spacedForReading))
            let groups = PhoneticAlphabet.spelled(secret)
            for group in groups {
                lines += pairs("", TextWrap.lines(group.joined(separator: " "), columns: columns), .plain)
            }
            if groups.joined().contains(where: { $0.count > 1 && $0.first?.isUppercase == true }) {
                lines += pairs("", TextWrap.lines("“Kilo” is a capital K, “kilo” a small one.", columns: columns), .dim)
            }
            lines.append(.text("", .plain))
        }
        lines += pairs("Receipt", [result.receipt.map { String($0.sequence) } ?? "-"], .strong)
        // A link changes nothing of the account until it is used.
        let isAboutLinks = kind == .link || kind == .revokedLinks
        let moment = isAboutLinks ? result.receipt?.occurredAt : result.account.updatedAt
        lines += pairs(
            isAboutLinks ? "Noted at" : "Changed at", TextWrap.lines(moment?.localText ?? "-", columns: columns), .plain
        )
        if let message = result.message { lines += TextWrap.lines(message, columns: room).map { .text($0, .caution) } }
        lines.append(.text("", .plain))
        let text =
            switch closing {
            case _ where result.newSecret == nil: "Esc or Enter closes this."
            case .open: "Esc twice closes this. The new value is not shown again."
            case .asked: "Press Esc twice to close: the new value is not shown again."
            case .begun: "Press Esc once more to close."
            }
        return lines + TextWrap.lines(text, columns: room).map { .text($0, closing == .open ? .dim : .caution) }
    }

    private func endedLines(_ result: ChangeResult, _ room: Int) -> [Line] {
        let title = result.outcome == .unknown ? "OUTCOME UNKNOWN" : "Failed. Nothing was changed."
        return [.text("", .plain), .text(title, .danger)]
            + TextWrap.lines(result.message ?? "", columns: room).map { .text($0, .plain) }
            + (result.receipt.map { [.pair("Receipt", String($0.sequence), .plain)] } ?? [])
    }

    private var doneText: String {
        switch submitted {
        case "issue_voice_pin": "Done. A new voice PIN was issued."
        case "set_voice_pin": "Done. The voice PIN was set."
        case "clear_voice_pin": "Done. The voice PIN was cleared."
        case "send_reset_link":
            "Done. The mail with the link is queued. What becomes of it stands on the person's page."
        case "revoke_reset_links": "Done. No link that was sent is good any more."
        case "activate": "Done. The person can sign in again."
        case "deactivate": "Done. The person cannot sign in any more. \(StandingSessions.note)"
        case "verify": "Done. The person is marked as verified."
        case "unverify": "Done. The person is marked as not verified."
        default: "Done. The password was reset. \(StandingSessions.note)"
        }
    }
}

extension Secret {
    /// Whether it begins or ends with a space, which is easily typed without being meant.
    var hasBlankEnds: Bool {
        withBytes { bytes in
            let space = UInt8(ascii: " ")
            return bytes.count > 0 && (bytes[0] == space || bytes[bytes.count - 1] == space)
        }
    }

    /// A PIN in twos or threes as it is read out; a password, whose groups have dashes, as it is.
    var spacedForReading: String {
        let text = revealedText()
        guard text.allSatisfy(\.isNumber) else { return text }
        let size = text.count % 3 == 0 ? 3 : 2
        return text.enumerated().map { ($0.offset > 0 && $0.offset % size == 0 ? " " : "") + String($0.element) }
            .joined()
    }
}
