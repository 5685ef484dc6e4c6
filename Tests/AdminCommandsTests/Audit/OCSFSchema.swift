import TestDatabase

/// The names, requirements and enumerations of the classes and objects that we write, from the framework's published schema 1.8.0.
struct OCSFSchema {
    private let classes: JSONReading
    private let objects: JSONReading

    init() throws {
        let path = SourceTree.root + "/Tests/AdminCommandsTests/Audit/ocsf-1.8.0.json"
        let schema = try JSONReading(String(decoding: try SourceTree.contents(of: path), as: UTF8.self))
        classes = schema.object("classes") ?? schema
        objects = schema.object("objects") ?? schema
    }

    /// What an event does not keep, in words.
    func faults(of event: JSONReading) -> [String] {
        guard case .number(let number) = event["class_uid"], let rules = classes.object(number) else {
            return ["no class"]
        }
        var faults = faults(of: event, by: rules, "event")
        if case (.number(let type), .number(let activity)) = (event["type_uid"], event["activity_id"]),
            Int(type) != (Int(number) ?? 0) * 100 + (Int(activity) ?? 0)
        {
            faults.append("type_uid \(type)")
        }
        return faults
    }

    private func faults(of object: JSONReading, by rules: JSONReading, _ place: String) -> [String] {
        let known = rules.object("attributes")
        var faults: [String] = []
        for name in known?.names ?? [] {
            guard case .list(let rule) = known?[name], rule.count > 1, rule[1] == .number("1") else { continue }
            if object[name] == nil { faults.append("\(place) lacks \(name)") }
        }
        if case .list(let some) = rules["at_least_one"], !some.isEmpty,
            !some.contains(where: { if case .text(let name) = $0 { object[name] != nil } else { false } })
        {
            faults.append("\(place) has none of \(some)")
        }
        for name in object.names {
            guard case .list(let rule) = known?[name] else {
                faults.append("\(place) has no \(name)")
                continue
            }
            if rule.count > 2, case .list(let values) = rule[2], !values.contains(object[name] ?? .null) {
                faults.append("\(place).\(name) is \(String(describing: object[name]))")
            }
            if case .text("integer_t") = rule[0], case .number = object[name] {
            } else if case .text("integer_t") = rule[0] {
                faults.append("\(place).\(name) is no number")
            }
            let type = name == "src_endpoint" ? "network_endpoint" : name == "entity" ? "managed_entity" : name
            if name != "unmapped", let inner = object.object(name) {
                faults +=
                    objects.object(type).map { self.faults(of: inner, by: $0, "\(place).\(name)") } ?? [
                        "\(name) is no object"
                    ]
            }
        }
        return faults
    }
}
