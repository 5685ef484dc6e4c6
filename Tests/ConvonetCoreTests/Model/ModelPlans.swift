/// What an actor wants to do next; what exactly that is shows when they come to it.
enum ModelWish: Sendable {
    case resetPassword, issuePIN, typePIN, clearPIN, activate, deactivate, sendLink, sendPINLink, revokeLinks
    case signOut, unblock, undoOwn, undoAny, freeze, unfreeze, issueCode, askCallerCode, verifyRight, verifyWrong
    case approve, deny, again, againByAnother
    /// A caller's code for the other account.
    case askForAnother
    case askLink, useLink, usePINLink, enterRight, enterWrong, useCode, changePassword, wrongPassword, report
    case writePassword, writePIN, takeKeptPIN, writeAddress, signIn, delete
    case mail, tidy
    case pass([Int])

    /// Whether somebody tries what they do not know.
    var isGuess: Bool {
        switch self {
        case .enterWrong, .verifyWrong, .wrongPassword: true
        default: false
        }
    }
}

/// What each actor is about to do. They take turns as chance has it, so that their plans run into one another.
struct ModelPlans: Sendable {
    /// Who takes a turn.
    enum Turn: Hashable, Sendable {
        case actor(ModelCall.Actor)
        case mailAndClock
    }

    private static let operators: [[ModelWish]] = [
        // Who is speaking, and then what they called for.
        [.askCallerCode, .mail, .verifyRight, .resetPassword, .undoOwn],
        [.askCallerCode, .mail, .verifyRight, .issuePIN, .issuePIN, .undoOwn, .undoOwn],
        [.askCallerCode, .mail, .verifyRight, .issueCode, .enterRight, .useCode],
        [.askCallerCode, .mail, .verifyRight, .sendPINLink, .mail, .usePINLink],
        [.askCallerCode, .mail, .verifyRight, .verifyRight], [.askCallerCode, .verifyRight, .mail, .verifyWrong],
        [.askCallerCode, .askCallerCode, .askCallerCode, .askCallerCode], [.verifyRight],
        [.askCallerCode, .mail, .verifyWrong, .verifyRight],
        [.askCallerCode, .mail, .askForAnother, .verifyRight],
        // Passwords and PINs, and slips.
        [.resetPassword], [.resetPassword, .undoOwn], [.resetPassword, .resetPassword, .undoAny],
        [.resetPassword, .mail, .undoOwn, .mail, .report], [.resetPassword, .mail, .report],
        [.resetPassword, .pass([60, 61]), .tidy, .mail, .useLink], [.resetPassword, .pass([61]), .tidy],
        [.typePIN, .undoOwn],
        [.issuePIN], [.issuePIN, .undoOwn, .undoOwn], [.clearPIN, .typePIN], [.clearPIN, .undoOwn],
        [.clearPIN, .clearPIN], [.issuePIN, .mail, .report], [.issuePIN, .signIn, .undoOwn],
        [.typePIN], [.typePIN, .typePIN], [.issuePIN, .issuePIN, .undoAny, .undoAny],
        [.resetPassword, .resetPassword, .undoAny, .undoAny], [.issuePIN, .takeKeptPIN, .undoOwn],
        [.clearPIN, .takeKeptPIN, .undoOwn],
        // Links and codes.
        [.sendLink, .mail, .useLink], [.sendLink, .mail, .report], [.sendPINLink, .mail, .usePINLink, .usePINLink],
        [.sendPINLink, .mail, .usePINLink, .mail, .report], [.sendPINLink, .mail, .issuePIN, .usePINLink],
        [.issueCode, .enterRight, .useCode, .useCode], [.issueCode, .enterWrong, .enterRight],
        [.issueCode, .issueCode, .enterRight], [.issueCode, .enterWrong, .enterRight],
        [.issueCode, .enterRight, .useCode, .enterRight], [.issueCode, .revokeLinks, .enterRight],
        [.sendLink, .mail, .revokeLinks, .useLink], [.sendPINLink, .mail, .revokeLinks, .usePINLink],
        // Links and codes that come to nothing.
        [.sendLink, .mail, .pass([61]), .useLink], [.sendPINLink, .mail, .pass([61]), .usePINLink],
        [.issueCode, .pass([16]), .enterRight], [.issueCode, .resetPassword, .enterRight],
        [.sendLink, .mail, .resetPassword, .useLink], [.sendLink, .mail, .deactivate, .useLink, .activate],
        [.issueCode, .deactivate, .enterRight, .activate, .activate],
        // All else.
        [.wrongPassword, .unblock], [.wrongPassword, .unblock], [.askCallerCode, .mail, .writeAddress, .verifyRight],
        [.signOut], [.unblock], [.deactivate, .activate], [.deactivate, .usePINLink, .enterRight, .useLink],
        [.deactivate, .deactivate, .sendLink, .issueCode, .sendPINLink], [.undoAny], [.undoAny], [.undoAny],
        [.resetPassword, .again], [.sendLink, .again, .againByAnother], [.again, .againByAnother],
        [.again, .againByAnother],
        // A second person.
        [.resetPassword, .approve, .resetPassword], [.issuePIN, .approve, .issuePIN, .undoOwn],
        [.deactivate, .deny, .deactivate], [.signOut, .deny, .signOut], [.signOut, .approve, .signOut],
        [.clearPIN, .deny, .clearPIN, .approve],
        [.sendLink, .writePIN, .approve], [.signOut, .writePIN, .approve, .approve], [.issuePIN, .deny, .issuePIN],
        [.sendLink, .pass([16]), .approve], [.unblock, .approve, .approve],
    ]
    private static let supervisors: [[ModelWish]] = [
        [.freeze, .freeze, .unfreeze], [.unfreeze], [.freeze, .usePINLink, .unfreeze], [.approve], [.approve], [.deny],
        [.undoAny], [.undoAny], [.issuePIN, .approve], [.resetPassword, .deny],
    ]
    private static let person: [[ModelWish]] = [
        [.askLink, .mail, .useLink], [.askLink, .mail, .useLink, .useLink], [.askLink, .askLink, .askLink, .mail],
        [.askLink, .mail, .useLink, .mail, .report], [.useLink], [.usePINLink], [.enterRight, .useCode], [.report],
        [.changePassword], [.changePassword, .mail, .report], [.report, .unfreeze, .unfreeze],
        [.askLink, .mail, .report, .unfreeze, .unfreeze],
        [.wrongPassword, .changePassword], [.wrongPassword, .unblock, .changePassword],
        [.wrongPassword, .pass([1]), .changePassword],
    ]
    private static let application: [[ModelWish]] = [
        [.writePassword], [.writePassword, .resetPassword],
        [.writePassword, .changePassword, .issueCode, .askLink, .mail],
        [.writePIN], [.writePIN], [.writeAddress], [.writeAddress], [.signIn], [.signIn], [.signIn], [.delete],
    ]
    private static let mailAndClock: [[ModelWish]] = [
        [.mail], [.mail], [.mail], [.pass([1, 5])], [.pass([5, 11])], [.pass([16])], [.pass([61]), .tidy], [.tidy],
    ]

    private var rest: [Turn: (person: Int, wishes: [ModelWish])] = [:]
    private var last = Turn.mailAndClock

    /// Whose turn it is, whose account it is about, and what comes next of their plan.
    mutating func next(_ random: inout SeededNumbers) -> (turn: Turn, person: Int, wish: ModelWish) {
        // Who is in the middle of something often goes on.
        let goesOn = random.next(10) < 7 && rest[last]?.wishes.isEmpty == false
        let turn = goesOn ? last : Self.turn(random.next(20))
        var plan = rest[turn] ?? (0, [])
        if plan.wishes.isEmpty {
            let plans =
                switch turn {
                case .actor(.desk(2)): random.next(3) == 0 ? Self.operators : Self.supervisors
                case .actor(.desk): Self.operators
                case .actor(.person): Self.person
                case .actor(.application): Self.application
                case .mailAndClock: Self.mailAndClock
                }
            plan = (random.next(3) / 2, plans[random.next(plans.count)])
        }
        let wish = plan.wishes.removeFirst()
        rest[turn] = plan
        last = turn
        return (turn, plan.person, wish)
    }

    private static func turn(_ number: Int) -> Turn {
        switch number {
        case 0...6: .actor(.desk(0))
        case 7...10: .actor(.desk(1))
        case 11...13: .actor(.desk(2))
        case 14...16: .actor(.person)
        case 17: .actor(.application)
        default: .mailAndClock
        }
    }
}
