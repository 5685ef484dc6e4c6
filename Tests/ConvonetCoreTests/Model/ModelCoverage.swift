/// What a thousand interleavings have to come to, so that a test of them says something: each move done, and the reasons for
/// which it is refused that come up often; and each reason for which any is.
enum ModelCoverage {
    /// What never came up, of how often each move ended how.
    static func missing(_ counts: [String: Int]) -> [String] {
        let words = Set(counts.keys.compactMap { $0.split(separator: " ").last.map { "any \($0)" } })
        return all.filter { counts[$0] == nil && !words.contains($0) }
    }

    private static let all = lines.flatMap { line in
        let parts = line.split(separator: ":").map(String.init)
        return parts.count == 1 ? parts : parts[1].split(separator: " ").map { "\(parts[0]) \($0)" }
    }

    private static let lines = """
        application delete: done
        application sign_in: done
        application write_address: done
        application write_password: done
        application write_pin: done
        at once
        mail approval_request: failed sent void
        mail caller_code: failed sent void
        mail link_request: void
        mail notice: failed sent void
        mail pin_link: failed sent
        mail reset_link: failed sent void
        report ends a password
        report ends a pin
        schedule expire_password: done
        self ask_link: done
        self change_password: account_inactive done external_sign_in old_password_blocked old_password_wrong replayed
        self enter_reset_code: account_inactive done link_expired link_outdated
        self enter_reset_code: link_void nothing reset_code_tries reset_code_wrong
        self issue_voice_pin: done link_expired link_used link_void nothing
        self report_not_me: done nothing
        self reset_password: account_inactive done link_expired link_outdated link_used link_void nothing
        self send_reset_link: done account_inactive account_limit external_sign_in
        staff activate: already_so caller_unproven done
        staff approve: already_decided approval_expired done own_request
        staff changed what is protected
        staff clear_voice_pin: approval_required caller_unproven done frozen no_voice_pin
        staff deactivate: account_changed already_so approval_required done frozen
        staff deny: done own_request
        staff freeze: done frozen reason_required
        staff issue_reset_code: account_changed approval_required caller_unproven
        staff issue_reset_code: done external_sign_in frozen link_to_inactive
        staff issue_voice_pin: account_changed approval_required caller_unproven done frozen pins_by_link_only
        staff reset_password: account_changed approval_required caller_unproven done
        staff reset_password: external_sign_in frozen gone links_only replayed
        staff revoke_reset_links: approval_required done no_reset_link
        staff send_caller_code: code_limit done
        staff send_pin_link: approval_required caller_unproven done frozen
        staff send_reset_link: approval_required done external_sign_in
        staff send_reset_link: frozen link_to_inactive replayed request_id_reused
        staff set_voice_pin: approval_required caller_unproven done pin_unavailable typed_not_allowed
        staff sign_out: approval_required done
        staff unblock: approval_required done not_blocked
        staff undo: account_changed done frozen undo_done undo_expired undo_missing undo_outdated
        staff unfreeze: done not_frozen
        staff verify_caller: code_expired code_missing code_not_sent code_replaced
        staff verify_caller: code_tries code_used code_wrong done
        undo of a password
        undo of a pin
        any: account_changed account_inactive account_limit already_decided already_so approval_denied
        any: approval_expired approval_outdated approval_required caller_unproven code_expired code_limit
        any: code_missing code_not_sent code_outdated code_replaced code_tries code_used code_wrong
        any: external_sign_in frozen gone link_expired link_outdated link_to_inactive link_used link_void
        any: links_only model_refused no_reset_link no_voice_pin not_blocked not_frozen nothing
        any: old_password_blocked old_password_wrong own_request pin_unavailable pins_by_link_only
        any: reason_required replayed report_unanswered request_id_reused reset_code_tries reset_code_wrong
        any: typed_not_allowed undo_covered undo_done undo_expired undo_foreign undo_missing undo_outdated
        any: undo_pin_taken
        """.split(separator: "\n").map(String.init)
}
