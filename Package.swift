// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "convonet-admin",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq"),
        .target(name: "CCrypt", linkerSettings: [.linkedLibrary("crypt")]),
        .target(name: "CSchema", exclude: ["Steps"]),
        .target(name: "CBuildFacts"),
        .target(name: "CZxcvbn", linkerSettings: [.linkedLibrary("zxcvbn")]),
        .target(name: "OperatingSystem", dependencies: ["CGlibc"], swiftSettings: swiftSettings),
        .target(name: "PostgresClient", dependencies: ["CLibpq", "OperatingSystem"], swiftSettings: swiftSettings),
        .target(
            name: "Credentials",
            dependencies: [
                "CCrypt", "CZxcvbn", "HiddenCharacters", "OperatingSystem",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Resources/README-blocklist.md", "Resources/README-wordlist.md"],
            resources: [
                .embedInCode("Resources/commonest-passwords.txt"), .embedInCode("Resources/dictation-words.txt"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "SearchText", dependencies: ["OperatingSystem", "PostgresClient"], swiftSettings: swiftSettings),
        .target(
            name: "ConvonetDatabase", dependencies: ["Credentials", "OperatingSystem", "PostgresClient"],
            swiftSettings: swiftSettings),
        .target(
            name: "AccountPolicy",
            dependencies: ["ConvonetDatabase", "Credentials", "EmailAddresses", "JSONText", "PostgresClient"],
            swiftSettings: swiftSettings),
        .target(
            name: "ConvonetCore",
            dependencies: [
                "AccountPolicy", "ConvonetDatabase", "Credentials", "EmailAddresses", "HiddenCharacters", "JSONText",
                "NameLikeness", "OperatingSystem",
                "PostgresClient", "SearchText",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "SelfServiceCore",
            dependencies: [
                "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "Credentials", "EmailAddresses", "JSONText",
                "OperatingSystem",
                "PostgresClient",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "AuditVerification",
            dependencies: [
                "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "OperatingSystem", "PostgresClient",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "AuditStatistics",
            dependencies: [
                "ConvonetCore", "ConvonetDatabase", "JSONText", "OperatingSystem", "PostgresClient", "TerminalKit",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "ConvonetSchema",
            dependencies: [
                "AccountPolicy", "CSchema", "ConvonetCore", "ConvonetDatabase", "Credentials", "PostgresClient",
                "SearchText",
            ],
            exclude: ["SQL"], swiftSettings: swiftSettings),
        .target(
            name: "SchemaMaintenance",
            dependencies: [
                "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "ConvonetSchema", "Credentials", "OperatingSystem",
                "PostgresClient", "SearchText",
            ],
            swiftSettings: swiftSettings),
        .target(name: "EmbeddedPostgres", dependencies: ["OperatingSystem"], swiftSettings: swiftSettings),
        .target(name: "CGlibc"),
        .target(name: "HiddenCharacters", swiftSettings: swiftSettings),
        .target(name: "JSONText", dependencies: ["HiddenCharacters"], swiftSettings: swiftSettings),
        .target(name: "EmailAddresses", swiftSettings: swiftSettings),
        .target(name: "MetricsText", swiftSettings: swiftSettings),
        .target(name: "NameLikeness", swiftSettings: swiftSettings),
        .target(
            name: "TerminalKit", dependencies: ["CGlibc", "Credentials", "HiddenCharacters", "OperatingSystem"],
            swiftSettings: swiftSettings),
        .target(name: "CNcurses", linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        .target(
            name: "NcursesTerminal", dependencies: ["CGlibc", "CNcurses", "OperatingSystem", "TerminalKit"],
            swiftSettings: swiftSettings),
        .target(
            name: "SSHAccess",
            dependencies: [
                "CGlibc", "ConvonetCore", "OperatingSystem", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "AccountDisplay",
            dependencies: [
                "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "OperatingSystem", "PostgresClient", "SearchText",
                "SSHAccess",
                "TerminalKit",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "ConsoleRequests",
            dependencies: [
                "AuditStatistics", "AuditVerification", "ConvonetCore", "ConvonetDatabase", "Credentials",
                "OperatingSystem",
                "PostgresClient",
                "TerminalKit",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "ConsoleParts",
            dependencies: [
                "AccountDisplay", "AuditStatistics", "AuditVerification", "AccountPolicy", "ConsoleRequests",
                "ConvonetCore",
                "ConvonetDatabase",
                "Credentials", "OperatingSystem", "PostgresClient", "TerminalKit",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "AdminConsole",
            dependencies: [
                "AccountDisplay", "AuditStatistics", "AuditVerification", "ConsoleParts", "ConsoleRequests",
                "AccountPolicy",
                "ConvonetCore",
                "ConvonetDatabase",
                "Credentials",
                "PostgresClient", "SearchText", "TerminalKit",
                "OperatingSystem",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "LinearConsole",
            dependencies: [
                "AdminConsole", "ConsoleParts", "ConsoleRequests", "ConvonetCore", "NcursesTerminal", "OperatingSystem",
                "TerminalKit",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "ProgramStart",
            dependencies: [
                "CBuildFacts", "CGlibc", "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "Credentials",
                "HiddenCharacters", "JSONText", "OperatingSystem",
                "PostgresClient",
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "MachineChecks", dependencies: ["Credentials", "SSHAccess", "SchemaMaintenance"],
            swiftSettings: swiftSettings),
        .target(
            name: "AdminCommands",
            dependencies: [
                "MachineChecks",
                "AccountDisplay", "AdminConsole", "ConsoleParts", "AuditStatistics", "AuditVerification", "CGlibc",
                "AccountPolicy",
                "ConvonetCore",
                "ConvonetDatabase",
                "Credentials",
                "EmbeddedPostgres", "HiddenCharacters",
                "JSONText", "LinearConsole", "OperatingSystem", "NcursesTerminal", "PostgresClient", "ProgramStart",
                "SchemaMaintenance", "SSHAccess",
                "TerminalKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("Demo")], swiftSettings: swiftSettings),
        .target(
            name: "SelfService",
            dependencies: [
                "CGlibc", "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "Credentials", "EmailAddresses",
                "JSONText", "MetricsText", "OperatingSystem",
                "PostgresClient", "ProgramStart", "SelfServiceCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Resources")], swiftSettings: swiftSettings),
        .executableTarget(name: "convonet-self-service", dependencies: ["SelfService"], swiftSettings: swiftSettings),
        .executableTarget(name: "convonet-admin", dependencies: ["AdminCommands"], swiftSettings: swiftSettings),
        .target(
            name: "TestDatabase",
            dependencies: [
                "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "Credentials", "EmailAddresses",
                "EmbeddedPostgres",
                "OperatingSystem", "PostgresClient", "SelfServiceCore", "SchemaMaintenance",
            ],
            path: "Tests/TestDatabase",
            swiftSettings: swiftSettings),
        .target(
            name: "TestPrograms", dependencies: ["CGlibc", "OperatingSystem", "TestDatabase"],
            path: "Tests/TestPrograms",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "SelfServiceTests",
            dependencies: [
                "AuditVerification", "convonet-self-service", "AccountPolicy", "ConvonetCore", "ConvonetDatabase",
                "Credentials",
                "EmbeddedPostgres",
                "MetricsText", "OperatingSystem", "PostgresClient", "SelfServiceCore", "SchemaMaintenance",
                "SelfService",
                "TestDatabase", "TestPrograms",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            exclude: ["Tools"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                "AuditVerification", "AdminConsole", "AccountPolicy", "ConsoleParts", "ConvonetCore",
                "ConvonetDatabase", "Credentials",
                "OperatingSystem", "PostgresClient", "SearchText",
                "TerminalKit",
            ],
            path: "Tests/MicroBenchmarks", swiftSettings: swiftSettings),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "AccountPolicy", "AdminCommands", "AuditVerification", "ConvonetCore", "ConvonetDatabase",
                "Credentials",
                "EmailAddresses", "NameLikeness", "NcursesTerminal", "OperatingSystem", "PostgresClient",
                "ProgramStart",
                "SearchText", "SelfService", "SSHAccess", "TerminalKit",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Tests/FuzzTargets", exclude: ["Corpus"], swiftSettings: swiftSettings),
        .testTarget(name: "FuzzTargetsTests", dependencies: ["FuzzTargets"], swiftSettings: swiftSettings),
        .testTarget(name: "TerminalKitTests", dependencies: ["TerminalKit"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NcursesTerminalTests", dependencies: ["NcursesTerminal", "OperatingSystem", "TerminalKit"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "AdminConsoleTests",
            dependencies: [
                "AccountDisplay", "AuditStatistics", "AuditVerification", "AdminConsole", "AccountPolicy",
                "ConsoleParts",
                "ConsoleRequests",
                "ConvonetCore",
                "ConvonetDatabase",
                "Credentials",
                "LinearConsole",
                "OperatingSystem", "PostgresClient",
                "TerminalKit", "TestDatabase",
            ],
            exclude: ["Snapshots"], swiftSettings: swiftSettings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "AuditVerification", "convonet-admin", "AccountPolicy", "ConvonetCore", "EmbeddedPostgres",
                "TestDatabase",
            ],
            exclude: ["delayed_line.py"], swiftSettings: swiftSettings),
        .testTarget(
            name: "EmbeddedPostgresTests", dependencies: ["EmbeddedPostgres", "OperatingSystem"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "OperatingSystemTests", dependencies: ["CGlibc", "OperatingSystem", "TestPrograms"],
            swiftSettings: swiftSettings),
        .testTarget(name: "HiddenCharactersTests", dependencies: ["HiddenCharacters"], swiftSettings: swiftSettings),
        .testTarget(name: "NameLikenessTests", dependencies: ["NameLikeness"], swiftSettings: swiftSettings),
        .testTarget(
            name: "EmailAddressesTests", dependencies: ["EmailAddresses"], swiftSettings: swiftSettings),
        .testTarget(
            name: "PostgresClientTests",
            dependencies: [
                "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "EmbeddedPostgres", "OperatingSystem",
                "PostgresClient",
                "SelfServiceCore",
                "SchemaMaintenance", "TestDatabase",
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "AdminCommandsTests",
            dependencies: [
                "AuditStatistics", "AuditVerification", "AdminCommands", "MachineChecks", "CGlibc", "convonet-admin",
                "convonet-self-service",
                "AccountPolicy",
                "ConvonetCore",
                "ConvonetDatabase",
                "Credentials",
                "EmbeddedPostgres", "OperatingSystem", "PostgresClient", "SelfServiceCore", "ProgramStart",
                "SchemaMaintenance", "SSHAccess",
                "TerminalKit", "TestDatabase", "TestPrograms",
            ],
            exclude: ["Audit/ocsf-1.8.0.json"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "CredentialsTests", dependencies: ["Credentials", "TestDatabase"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ConvonetCoreTests",
            dependencies: [
                "AuditVerification", "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "Credentials",
                "EmbeddedPostgres",
                "OperatingSystem",
                "PostgresClient", "SearchText", "SelfServiceCore", "SchemaMaintenance", "TestDatabase",
            ],
            exclude: ["AuditVerifier"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "SchemaMaintenanceTests",
            dependencies: [
                "AuditVerification", "AccountPolicy", "ConvonetCore", "ConvonetDatabase", "ConvonetSchema",
                "Credentials",
                "EmbeddedPostgres",
                "OperatingSystem", "PostgresClient", "SearchText", "SelfServiceCore", "SchemaMaintenance",
                "TestDatabase",
            ],
            exclude: ["Versions"], swiftSettings: swiftSettings),
    ]
)

// libFuzzer brings a driver that no other build has; script/test-fuzz says so.
if Context.environment["CONVONET_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzzing", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing", swiftSettings: swiftSettings))
}
