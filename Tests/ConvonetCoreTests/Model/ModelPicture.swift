import FoundationEssentials
import PostgresClient

/// What the database has of the people of an interleaving, and what came into the log since it was looked at last.
struct ModelPicture: Sendable {
    /// One account.
    struct Seen: Sendable {
        var version: String
        var hash: String
        /// All else, a line of words.
        var words: String
    }

    var people: [Seen]
    var events: [String]
    var lastSequence: Int

    static func take(_ ids: [UUID], after sequence: Int, _ superuser: PostgresPool) async throws -> ModelPicture {
        let ids = ids.map(\.uuidString)
        let answers = try await superuser.withConnection {
            try await $0.queries(
                [peopleStatement(ids), eventsStatement(ids, after: sequence)], limit: .seconds(30)
            ).map { try $0.get() }
        }
        let seen = try answers[0].map { row in
            Seen(
                version: try row.optional(0, row.text) ?? "", hash: try row.optional(1, row.text) ?? "",
                words: try row.text(2))
        }
        let events = try answers[1].map { try $0.text(0) }
        let last = try answers[1].map { try $0.int(1) }.max() ?? sequence
        return ModelPicture(people: seen, events: events, lastSequence: last)
    }

    /// What shows the people, as a function, so that it is planned once for a session.
    static let function = """
        CREATE FUNCTION public.model_people(p_ids uuid[]) RETURNS TABLE (version text, hash text, words text)
        LANGUAGE plpgsql AS $$
        BEGIN
            RETURN QUERY
        SELECT a.version, u.password_hash::text, concat_ws(' ', CASE WHEN u.id IS NULL THEN 'gone' ELSE
                   concat_ws(' ', u.email, 'pin', coalesce(u.voice_pin, '-'), CASE WHEN u.is_active THEN 'active' END) END,
               CASE WHEN f.account_id IS NOT NULL THEN 'frozen' END, CASE WHEN f.is_reported THEN 'reported' END,
               CASE WHEN (convonet_admin.temporary_password_state(i.id)).expired_at IS NOT NULL THEN 'expired' END,
               'temporary ' || ceil(extract(epoch FROM s.until - clock_timestamp()) / 60),
               'kept ' || (SELECT string_agg(r.sequence || ':' || coalesce(r.covered_by, 0), ',' ORDER BY r.sequence)
                           FROM convonet_admin.replaced_credential r
                           WHERE r.account_id = i.id AND r.expires_at > clock_timestamp()),
               'wrong ' || w.attempts,
               'direct ' || (SELECT count(*) FROM convonet_admin.audit_event e
                             WHERE e.account_id = i.id AND e.action IN ('direct_change', 'direct_delete'))
                   + (SELECT count(*) FROM convonet_admin.direct_change d WHERE d.account_id = i.id),
               CASE WHEN (SELECT c.not_before FROM convonet_admin.token_cutoff c WHERE c.account_id = i.id)
                         IS DISTINCT FROM (SELECT max(t.not_before) FROM convonet_admin.token_end t WHERE t.account_id = i.id)
                    THEN 'tokens that the log ends are good' END)
        FROM unnest(p_ids) WITH ORDINALITY AS i (id, place)
        LEFT JOIN public.users_convonet u ON u.id = i.id
        LEFT JOIN convonet_admin.accounts a ON a.id = i.id
        LEFT JOIN convonet_admin.frozen_accounts f ON f.account_id = i.id
        LEFT JOIN convonet_admin.wrong_password w ON w.account_id = i.id
        LEFT JOIN convonet_admin.password_state s ON s.account_id = i.id
        ORDER BY i.place;
        END
        $$
        """

    private static func peopleStatement(_ ids: [String]) -> Statement {
        "SELECT version, hash, words FROM public.model_people(\(ids)::uuid[])"
    }

    private static func eventsStatement(_ ids: [String], after sequence: Int) -> Statement {
        """
        SELECT concat_ws(' ', e.actor_kind, e.action, e.outcome, e.rule), e.sequence FROM convonet_admin.audit_event e
        WHERE e.account_id = ANY (\(ids)::uuid[]) AND e.sequence > \(sequence)
          AND e.action NOT IN ('direct_change', 'direct_delete')
        ORDER BY e.sequence
        """
    }
}

extension ModelPerson {
    /// The words of a picture that show this account.
    func words(at now: Int) -> String {
        let temporary = isGone ? nil : self.temporary[hash]
        let kept = kept.filter { $0.until > now }.map { "\($0.receipt):\($0.coveredBy ?? 0)" }
        return [
            isGone ? "gone" : "\(email) pin \(pin ?? "-")\(isActive ? " active" : "")",
            isFrozen ? "frozen" : nil, isFrozen && isReported ? "reported" : nil,
            temporary.map { $0.isOver ? "expired" : "temporary \($0.until - now)" },
            kept.isEmpty ? nil : "kept \(kept.joined(separator: ","))",
            wrongTries > 0 ? "wrong \(wrongTries)" : nil, "direct \(directChanges)",
        ].compactMap(\.self).joined(separator: " ")
    }
}

extension ModelWorld {
    /// What of a picture is not as it must be; nil where nothing is. Takes over what only the server knows.
    mutating func difference(from picture: ModelPicture) -> String? {
        for place in people.indices {
            let seen = picture.people[place]
            let words = people[place].words(at: now)
            if seen.words != words { return "account \(place) is “\(seen.words)”, and must be “\(words)”" }
            if people[place].isGone { continue }
            if people[place].hash.hasPrefix("$2b$unknown") {
                guard seen.hash.hasPrefix("$2b$10$"), !knownHashes.contains(seen.hash) else {
                    return "account \(place) has a password that somebody may know"
                }
                learn(seen.hash, of: place)
            }
            if seen.hash != people[place].hash { return "account \(place) has another password" }
            knownHashes.insert(seen.hash)
        }
        if picture.events.sorted() != events.sorted() {
            return "the log has \(picture.events), and must have \(events)"
        }
        return nil
    }

    /// Those that differ; of what cannot be told apart any more one is enough.
    static func apart(_ worlds: [ModelWorld]) -> [ModelWorld] {
        var (apart, seen): ([ModelWorld], Set<String>) = ([], [])
        for world in worlds where seen.insert(world.likeness).inserted { apart.append(world) }
        return apart
    }

    /// What is the same of two of which the same comes.
    private var likeness: String {
        let people = people.map { person in
            var person = person
            let temporary = person.temporary.sorted { $0.key < $1.key }.map { "\($0)" }
            let receipts = person.receipts.keys.sorted()
            let undone = person.undone.sorted()
            (person.temporary, person.receipts, person.undone) = ([:], [:], [])
            return "\(person) \(temporary) \(receipts) \(undone)"
        }
        return "\(people) \(codes) \(mails) \(approvals) \(done)"
    }
}
