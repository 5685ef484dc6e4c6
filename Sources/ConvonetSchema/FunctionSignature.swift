import ConvonetDatabase

/// How a function of the schema is called and what it returns, as its source says: where one of that name differs in this, it
/// cannot be replaced where it stands.
package struct FunctionSignature: Equatable, Sendable {
    package var name: String
    package var arguments: [Argument] = []
    /// NULL where the arguments say it: OUT, or TABLE.
    package var result: String?
    package var returnsSet = false

    package struct Argument: Equatable, Sendable {
        /// As pg_proc has it: i, o, t.
        package var mode: String
        package var name: String
        package var type: String
        package var hasDefault = false
    }

    /// Those that a file of the schema makes. Its lists of arguments hold neither commas nor parentheses within.
    package static func all(in file: [UInt8]) -> [FunctionSignature] {
        let pattern =
            #/
            CREATE\ OR\ REPLACE\ FUNCTION\ convonet_admin\.(?<name>\w+)\s*\((?<arguments>[^)]*)\)\s*
            (?:RETURNS\s+(?:TABLE\s*\((?<table>[^)]*)\)|(?<set>SETOF\s+)?(?<result>[^\n]+)))?
            /#
        return String(decoding: file, as: UTF8.self).matches(of: pattern).map { match in
            FunctionSignature(
                name: String(match.name),
                arguments: Self.arguments(match.arguments, mode: "i") + Self.arguments(match.table ?? "", mode: "t"),
                result: match.result.map { String($0) }, returnsSet: match.set != nil || match.table != nil)
        }
    }

    private static func arguments(_ list: Substring, mode: String) -> [Argument] {
        list.split(separator: ",").map { text in
            var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            let isOut = words.first == "OUT"
            if isOut { words.removeFirst() }
            let typed = words.dropFirst().prefix { $0 != "DEFAULT" }
            return Argument(
                mode: isOut ? "o" : mode, name: words.first ?? "", type: typed.joined(separator: " "),
                hasDefault: words.contains("DEFAULT"))
        }
    }

    /// The functions `p` in our schema that this program does not make, or makes otherwise than they are: a condition in SQL.
    package static let isNoneOfOurs: String = {
        let rows = SchemaSource.signatures.map { signature in
            let list = signature.arguments
            return "(\(QualifiedName.literal(signature.name)), \(array(list.map(\.mode))), \(array(list.map(\.name))), "
                + "\(array(list.map(\.type))), \(list.count(where: \.hasDefault)), "
                + "\(signature.result.map(QualifiedName.literal) ?? "NULL"), \(signature.returnsSet))"
        }
        return """
            NOT EXISTS (
                SELECT FROM (VALUES \(rows.joined(separator: ",\n"))) AS made (name, modes, names, types, defaults, result, is_set)
                WHERE made.name = p.proname AND p.prokind = 'f' AND p.proretset = made.is_set AND p.pronargdefaults <= made.defaults
                  AND coalesce(p.proallargtypes, string_to_array(nullif(p.proargtypes::text, ''), ' ')::oid[], '{}') =
                      ARRAY(SELECT \(number(of: "t.type")) FROM unnest(made.types) WITH ORDINALITY AS t (type, place) ORDER BY t.place)
                  AND coalesce(p.proargmodes::text[], array_fill('i'::text, ARRAY[p.pronargs::integer]), '{}') = made.modes
                  AND coalesce(p.proargnames, '{}') = made.names
                  AND (made.result IS NULL OR p.prorettype = \(number(of: "made.result"))))
            """
    }()

    /// A type's number by its name in a source. Ours are looked up in the catalogue, where no right on the schema is needed.
    private static func number(of type: String) -> String {
        """
        CASE WHEN \(type) LIKE 'convonet_admin.%'
             THEN (SELECT y.oid FROM pg_type y WHERE y.typnamespace = p.pronamespace AND y.typname = split_part(\(type), '.', 2))
             ELSE to_regtype(\(type))::oid END
        """
    }

    private static func array(_ texts: [String]) -> String {
        "'{\(texts.map { "\"\($0)\"" }.joined(separator: ","))}'::text[]"
    }
}
