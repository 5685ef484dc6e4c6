import ConvonetCore
import Credentials
import Foundation
import TestDatabase
import Testing

/// A code that was read out, entered on the page and by programs.
@Suite(.dropsDatabases) struct CodeEntryTests {
    private let path = "/auth/reset-password"
    private let password = "walrus-canyon-41-teapot"

    private func issued(_ database: TestDatabase, to person: Person) async throws -> String {
        let desk = try await database.session()
        let account = try await desk.accounts.find(person.email)
        return try #require(try await desk.perform(.issueResetCode, on: account).newSecret).revealedText()
    }

    @Test func aProgramGetsATokenForIt() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let code = try await issued(database, to: person)
        let entered = try await service.send(
            "POST", path + "/code", #"{"login": " \#(person.email.uppercased()) ", "code": "\#(code.uppercased())"}"#)
        #expect(entered.status == 200 && entered.headers["cache-control"] == "no-store", "\(entered.body)")
        let token = try #require(
            try (JSONSerialization.jsonObject(with: Data(entered.body.utf8)) as? [String: String])?["token"])
        #expect(try await service.send("POST", path, #"{"password": "\#(password)"}"#, token: token).status == 200)
        #expect(try await database.signsIn(person, with: password))
        let again = try await service.send(
            "POST", path + "/code", #"{"login": "\#(person.email)", "code": "\#(code)"}"#)
        #expect(again.status == 401)
    }

    /// Whatever is wrong with it, the answer is the same.
    @Test func whatIsWrongNobodyIsTold() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let other = try await database.person(1)
        let code = try await issued(database, to: person)
        let entries = [
            (person.email, "cccc-cccc"), (other.email, code), ("nobody@example.org", code),
            ("no-such-user", "k7mw-4dxt"),
        ]
        var answers = Set<String>()
        for (login, code) in entries {
            let answer = try await service.send("POST", path + "/code", #"{"login": "\#(login)", "code": "\#(code)"}"#)
            #expect(answer.status == 401)
            answers.insert(answer.body)
        }
        #expect(answers.count == 1 && answers.first?.contains("call support") == true, "\(answers)")
        for body in [#"{"code": "k7mw-4dxt"}"#, #"{"login": "x"}"#, #"{"login": "  ", "code": "k7mw-4dxt"}"#] {
            #expect(try await service.send("POST", path + "/code", body).status == 400)
        }
        let nul = try await service.send("POST", path + "/code", #"{"login": "x\u0000y", "code": "k7mw-4dxt"}"#)
        #expect(nul.status == 401)
        let malformed = try await service.send("POST", path + "/code", #"{"login": "x", "code": "12345678"}"#)
        #expect(malformed.status == 400 && malformed.body.contains("eight of these characters and no others"))
        let short = try await service.send("POST", path + "/code", #"{"login": "x", "code": "k7mw-4dx"}"#)
        #expect(short.status == 400 && short.body.contains("eight letters and digits"))
        #expect(try await database.outcomes(of: "enter_reset_code") == "refused reset_code_wrong")
    }

    /// An o for a 0 that no code has, or a B for an 8: whoever misheard is told, and has lost no try.
    @Test func aLetterThatNoCodeHasUsesNoTry() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let code = try await issued(database, to: person)
        for wrong in ["o", "0", "B", "8", "s", "5", "é"] {
            let answer = try await service.curl(
                path + "/code",
                ["--data-urlencode", "login=\(person.email)", "--data-urlencode", "code=\(wrong)\(code.dropFirst())"])
            #expect(answer.status == 400, "\(wrong)")
            #expect(answer.body.contains("c d f h j k m n p r t v w x y 3 4 6 7 9"), "\(answer.body)")
        }
        let right = try await service.send(
            "POST", path + "/code", #"{"login": "\#(person.email)", "code": "\#(code)"}"#)
        #expect(right.status == 200)
        #expect(try await database.outcomes(of: "enter_reset_code") == "done")
    }

    /// A page that somebody opens during the call.
    @Test func anotherSitesPageUsesNoTries() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let code = try await issued(database, to: person)
        let form = ["--data-urlencode", "login=\(person.email)", "--data-urlencode"]
        for site in ["cross-site", "same-site", "cross-site", "same-site", "cross-site", "same-site"] {
            let answer = try await service.curl(
                path + "/code", form + ["code=cccc-cccc", "-H", "Sec-Fetch-Site: \(site)"])
            #expect(answer.status == 403)
            let image = try await service.curl(path, ["-H", "Sec-Fetch-Site: \(site)", "-H", "Sec-Fetch-Dest: image"])
            #expect(image.status == 403)
        }
        // Browsers that say where it is from in another way, or that nobody asked for it yet.
        for header in ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site, same-origin"] {
            let answer = try await service.curl(path + "/code", form + ["code=cccc-cccc", "-H", header])
            #expect(answer.status == 403)
        }
        let early = [
            "-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Dest: document", "-H", "Sec-Purpose: prefetch",
        ]
        #expect(try await service.curl(path, early).status == 403)
        #expect(
            try await database.sql("SELECT count(*) FROM convonet_admin.request_counter WHERE key LIKE 'address %'")
                == "0")
        // A link in somebody's mail is opened from another site.
        let opened = try await service.curl(
            path, ["-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Dest: document"])
        #expect(opened.status == 200)
        let own = try await service.curl(path + "/code", form + ["code=\(code)", "-H", "Sec-Fetch-Site: same-origin"])
        #expect(own.status == 200)
        for origin in ["null", service.base, "https://app.example.org"] {
            let answer = try await service.curl(path + "/code", form + ["code=\(code)", "-H", "Origin: \(origin)"])
            #expect(answer.status == 200, "\(origin)")
        }
    }

    /// Without a script, and with a name that would be markup.
    @Test func thePageTakesItAndGoesOnToThePassword() async throws {
        let (database, person) = try await TestDatabase.withPerson()
        let service = try await RunningService(database)
        let code = try await issued(database, to: person)
        let page = try await service.curl(path)
        #expect(page.status == 200 && page.body.contains("E-mail address or username"))
        let wrong = try await service.curl(
            path + "/code", ["--data-urlencode", "login=\"><b>x", "--data-urlencode", "code=cccc cccc"])
        #expect(wrong.status == 401 && wrong.headers["content-type"] == "text/html; charset=utf-8")
        #expect(wrong.body.contains("This code is not valid") && wrong.body.contains("value=\"&quot;&gt;&lt;b&gt;x\""))
        let entered = try await service.curl(
            path + "/code", ["--data-urlencode", "login=\(person.email)", "--data-urlencode", "code=\(code)"])
        let token = try #require(entered.body.firstMatch(of: /name="token" value="([^"]+)"/)).1
        let set = try await service.curl(path, ["-d", "token=\(token)&password=\(password)&again=\(password)"])
        #expect(set.status == 200 && set.body.contains("Your new password is set."))
        #expect(try await database.signsIn(person, with: password))
    }
}
