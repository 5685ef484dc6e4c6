/// Text in lower case as SQL, the same in every database: letters of ASCII are told apart from the server's locale, in which
/// they may have others than usual (Turkish), and from a column's collation, for which different letters may be the same.
package enum LetterCase {
    /// Of an expression of any type that is a text. An index of the application's for looking addresses up is of this one.
    package static func lower(_ expression: String) -> String {
        "lower(lower((\(expression))::text COLLATE \"C\") COLLATE \"default\")"
    }
}
