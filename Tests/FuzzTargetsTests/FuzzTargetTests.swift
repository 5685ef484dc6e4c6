import FoundationEssentials
import FuzzTargets
import Testing

/// What libFuzzer began with and what it found, each as it is and a little changed: a look at every run of the tests at what
/// `script/test-fuzz` looks at for hours.
@Suite struct FuzzTargetTests {
    private static let corpus =
        #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/FuzzTargets/Corpus"

    @Test(arguments: FuzzTarget.all.keys.sorted()) func whatItBeganWithAndLooksLikeIt(name: String) throws {
        let read = try #require(FuzzTarget.all[name])
        let folder = Self.corpus + "/" + name
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(!files.isEmpty)
        var chance = SystemRandomNumberGenerator()
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + file)))
            try read(bytes)
            for _ in 0..<100 {
                let changed = Self.changed(bytes, &chance)
                #expect(throws: Never.self, "\(file): \(changed)") { try read(changed) }
            }
        }
    }

    /// Some bytes are others, gone, twice, or such as readers take for something.
    private static func changed(_ bytes: [UInt8], _ chance: inout SystemRandomNumberGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &chance) {
            let place = Int.random(in: 0...bytes.count, using: &chance)
            switch Int.random(in: 0..<4, using: &chance) {
            case 0 where place < bytes.count: bytes[place] = .random(in: 0...255, using: &chance)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: bytes[place...].prefix(8), at: place)
            default:
                let signs =
                    [0, 9, 10, 13, 27, 34, 37, 39, 44, 45, 46, 58, 61, 64, 91, 92, 123, 0x80, 0xC3, 0xE2, 0xF0, 0xFF]
                    as [UInt8]
                bytes.insert(signs.randomElement(using: &chance) ?? 0, at: place)
            }
        }
        return bytes
    }
}
