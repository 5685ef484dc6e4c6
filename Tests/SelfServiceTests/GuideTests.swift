import AuditVerification
import ConvonetCore
import TestDatabase
import Testing

/// The application's guide, request by request, with the policy set to its rules.
@Suite(.dropsDatabases) struct GuideTests {
    private let path = "/auth/reset-password"

    private func guided(_ settings: String = "") async throws -> (TestDatabase, Person, RunningService) {
        let (database, person) = try await TestDatabase.withPerson()
        try await database.sql(
            "UPDATE convonet_admin.policy SET minimum_length = 6, minimum_score = 0, context_words = '{}'")
        return (database, person, try await RunningService(database, settings))
    }

    @Test func aForgottenPassword() async throws {
        let (database, person, service) = try await guided()
        let answer =
            #"{"message": "If there is an account with this e-mail address, a link to set a new password is on its way."}"#
        for address in [person.email, "nobody@example.org"] {
            #expect(
                try await service.answers(200, answer, "POST", "/auth/forgot-password", #"{"email": "\#(address)"}"#)
                    == nil)
        }
        try await eventually("both were looked up") {
            try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue WHERE state <> 'sent'") == "0"
        }
        let token = try await database.token(for: person)
        #expect(
            try await service.answers(400, #"{"message": "password is required"}"#, "POST", path, "{}", token: token)
                == nil)
        #expect(
            try await service.answers(
                400, #"{"message": "Password must be at least 6 characters"}"#, "POST", path,
                #"{"password": "12345"}"#, token: token) == nil)
        #expect(
            try await service.answers(
                401, #"{"error": "Unauthorized: Token missing"}"#, "POST", path, #"{"password": "newpass-1"}"#) == nil)
        #expect(
            try await service.answers(
                401, #"{"error": "Unauthorized: Invalid token"}"#, "POST", path, #"{"password": "newpass-1"}"#,
                token: "eyJhbGciOi.none.atall") == nil)
        #expect(
            try await service.answers(
                200, #"{"message": "Password reset successful"}"#, "POST", path, #"{"password": "newpass-1"}"#,
                token: token) == nil)
        #expect(try await database.signsIn(person, with: "newpass-1"))
        #expect(
            try await service.answers(
                401, #"{"error": "Unauthorized: Invalid token"}"#, "POST", path, #"{"password": "newpass-2"}"#,
                token: token) == nil)
        // The token may stand in the body, too.
        let other = try await database.token(for: person)
        #expect(
            try await service.answers(
                200, #"{"message": "Password reset successful"}"#, "POST", path,
                #"{"password": "newpass-3", "token": "\#(other)"}"#) == nil)
        #expect(try await database.signsIn(person, with: "newpass-3"))
    }

    @Test func aChangeWithTheOldPassword() async throws {
        let (database, person, service) = try await guided()
        let token = try await accessToken(person.id)
        let body = #"{"oldPassword": "\#(Person.password)", "newPassword": "newpass-1"}"#
        #expect(try await service.answers(401, #"{"error": "Unauthorized: Token missing"}"#, "PUT", path, body) == nil)
        #expect(
            try await service.answers(
                401, #"{"error": "Unauthorized: Invalid token"}"#, "PUT", path, body, token: token + "x") == nil)
        #expect(
            try await service.answers(
                400, #"{"error": "New password is required"}"#, "PUT", path,
                #"{"oldPassword": "\#(Person.password)"}"#, token: token) == nil)
        #expect(
            try await service.answers(
                400, #"{"error": "Invalid old password"}"#, "PUT", path,
                #"{"oldPassword": "wrong", "newPassword": "newpass-1"}"#, token: token) == nil)
        #expect(
            try await service.answers(
                400, #"{"error": "Password must be at least 6 characters"}"#, "PUT", path,
                #"{"oldPassword": "\#(Person.password)", "newPassword": "12345"}"#, token: token) == nil)
        #expect(try await database.signsIn(person, with: Person.password))
        let done = try await service.send("PUT", path, body, token: token)
        #expect(done.status == 200)
        #expect(
            done.body.hasPrefix(
                #"{"message": "Password updated successfully", "user": {"id": "\#(person.id)", "email": "\#(person.email)""#
            ))
        #expect(try await database.signsIn(person, with: "newpass-1"))
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
    }

    @Test(arguments: [
        "expired", "refresh", "without exp", "without user", "another key", "HS512", "none", "not yet",
        "from the future",
        "critical", "says none", "says HS512", "without alg", "iat as text",
    ])
    func noTokenButTheApplicationsOwn(way: String) async throws {
        let (database, person, service) = try await guided()
        let body = #"{"oldPassword": "\#(Person.password)", "newPassword": "newpass-1"}"#
        let token = try await accessToken(person.id, way)
        #expect(
            try await service.answers(
                401, #"{"error": "Unauthorized: Invalid token"}"#, "PUT", path, body, token: token)
                == nil)
        #expect(try await database.signsIn(person, with: Person.password))
    }

    @Test func aClockThatIsALittleAheadDoesNotShutPeopleOut() async throws {
        let (_, person, service) = try await guided()
        #expect(
            try await service.answers(
                400, #"{"error": "New password is required"}"#, "PUT", path, "{}",
                token: try await accessToken(person.id, "ahead")) == nil)
    }

    @Test func aTokenOfNobodyAndOfSomebodyInactive() async throws {
        let (database, person, service) = try await guided()
        let body = #"{"oldPassword": "\#(Person.password)", "newPassword": "newpass-1"}"#
        try await database.sql("UPDATE users_convonet SET is_active = false WHERE id = '\(person.id)'")
        for account in [person.id, "0b5b9f86-7f4e-4c8c-9d8a-1f2e3d4c5b6a", "17"] {
            #expect(
                try await service.answers(
                    401, #"{"error": "Unauthorized: Invalid token"}"#, "PUT", path, body,
                    token: try await accessToken(account))
                    == nil)
        }
    }

    /// By a sign-out, and by the change itself; one that does not say when it was issued could be of any time.
    @Test func aTokenFromBeforeTokensEndedIsNone() async throws {
        let (database, person, service) = try await guided()
        let body = #"{"oldPassword": "\#(Person.password)", "newPassword": "newpass-1"}"#
        let invalid = #"{"error": "Unauthorized: Invalid token"}"#
        for way in ["from before", "without iat"] {
            let token = try await accessToken(person.id, way)
            #expect(try await service.send("PUT", path, "{}", token: token).status == 400, "\(way)")
        }
        let staff = try await database.session()
        #expect(try await staff.perform(.signOut, on: try await staff.accounts.find(person.email)).outcome == .done)
        for way in ["from before", "without iat", "iat far back"] {
            let token = try await accessToken(person.id, way)
            #expect(try await service.answers(401, invalid, "PUT", path, body, token: token) == nil, "\(way)")
        }
        #expect(try await database.signsIn(person, with: Person.password))
        let late = try await accessToken(person.id, "ahead")
        #expect(try await service.send("PUT", path, body, token: late).status == 200)
        try await database.sql(
            "UPDATE convonet_admin.token_cutoff SET not_before = not_before + interval '10 seconds'")
        #expect(try await service.answers(401, invalid, "PUT", path, body, token: late) == nil)
    }

    /// What a browser sends before fetch and axios, and what it needs to see.
    @Test func aPageOfTheApplicationMayAsk() async throws {
        let (_, person, service) = try await guided(#"allowed_origins = ["https://app.example.org"]"#)
        let ask = ["-X", "OPTIONS", "-H", "Access-Control-Request-Method: PUT", "-H"]
        let allowed = try await service.curl(path, ask + ["Origin: https://app.example.org"])
        #expect(allowed.status == 204)
        #expect(allowed.headers["access-control-allow-origin"] == "https://app.example.org")
        #expect(allowed.headers["access-control-allow-methods"] == "POST, PUT")
        #expect(allowed.headers["access-control-allow-headers"] == "Authorization, Content-Type")
        #expect(allowed.headers["vary"] == "Origin")
        let other = try await service.curl(path, ask + ["Origin: https://evil.example.net"])
        #expect(other.headers["access-control-allow-origin"] == nil)
        #expect(other.headers["access-control-allow-methods"] == nil)
        let answer = try await service.send(
            "POST", "/auth/forgot-password", #"{"email": "\#(person.email)"}"#, token: nil,
            ["-H", "Origin: https://app.example.org"])
        #expect(answer.headers["access-control-allow-origin"] == "https://app.example.org")
    }
}
