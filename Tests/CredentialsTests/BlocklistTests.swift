import Testing

@testable import Credentials

@Suite struct BlocklistTests {
    @Test(arguments: [
        "123456", "password", "PassWord", "1234", "qwertyuiop", "trustno1", "!qaz2wsx", "zxcvbnm", "dragon",
    ])
    func knowsTheCommonest(text: String) {
        #expect(Blocklist.commonest.contains(Secret(copying: text)))
    }

    @Test(arguments: [
        "", "passwordd", "password ", " password", "1234567890123", "maple river kettle", "пароль", "p\u{0}",
    ])
    func comparesTheWhole(text: String) {
        #expect(!Blocklist.commonest.contains(Secret(copying: text)))
    }

    @Test func readsAnOrganisationsFile() throws {
        let list = try Blocklist(fileContents: Array("\u{FEFF}Convonet2024\r\n# secret\n\n пробел \nlast".utf8))
        for listed in ["convonet2024", "CONVONET2024", " пробел ", "last"] {
            #expect(list.contains(Secret(copying: listed)), "\(listed)")
        }
        for other in [
            "", "# secret", "secret", "пробел", "las", "lastt", "convonet2024\r", "convonet2024\n", "password",
        ] {
            #expect(!list.contains(Secret(copying: other)), "\(other)")
        }
    }

    @Test func namesTheBadLine() {
        #expect { try Blocklist(fileContents: Array("one\ntwo\n".utf8) + [0xFF, 0x0A]) } throws: {
            let failure = $0 as? CredentialFailure
            return failure?.rule == "blocklist_not_utf8" && failure?.message.contains("Line 3") == true
        }
    }
}
