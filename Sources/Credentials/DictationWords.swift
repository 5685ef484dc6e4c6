/// The 2048 English words that passwords are made of, in lower case, without any that look or sound like another.
enum DictationWords {
    static let all: [[UInt8]] = PackageResources.dictation_words_txt.split(separator: 0x0A).map(Array.init)

    /// The most letters of one.
    static let longest = 7
}
