extension SchemaTrust {
    /// A superuser does not read people: the application's table, its children, its teams and their types can hold code of
    /// the application's, which would run with all their rights, and a transaction that only reads does not stop a program
    /// from being started.
    static func refuse(superuser name: String) -> AdminError {
        .schemaNotTrusted(
            "\(name) is a superuser, and code in the application's table would run with a superuser's rights. Sign in as an "
                + "ordinary user, after “convonet-admin migrate "
                + "--grant-operator NAME”")
    }
}
