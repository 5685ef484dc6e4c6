/// The words for what is not certain, each with what to do.
enum Uncertain {
    /// A password was set, and a server that should have it too does not confirm that: where it takes over, the old password
    /// is back, and so is the link.
    static func unconfirmed(_ route: Route) -> String {
        "A second server has not confirmed it yet, so it may be lost if the first one fails. If it is not accepted later, "
            + again(route)
    }

    /// Something was sent to the database, and nobody knows whether it was done.
    static func unknown(_ route: Route) -> String {
        switch route {
        case .resetByLink, .changeWithOldPassword:
            "It is not known whether your new password was set. Try to sign in with it in a minute. If that does not work, "
                + again(route)
        case .report:
            "It is not known whether that was received. Press the button again; if it says that the link was used, it was."
        case .showPIN:
            "It is not known whether a voice PIN was drawn. Open the link again; if it says that it was used, ask support for another."
        case .enterCode: "It is not known whether the code was received. Enter it again."
        default: "It is not known whether that was received. If no mail comes within a few minutes, ask again."
        }
    }

    private static func again(_ route: Route) -> String {
        route == .changeWithOldPassword
            ? "sign in with the old one and change it again." : "open the link again, or ask for a new one."
    }
}
