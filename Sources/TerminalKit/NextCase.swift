extension CaseIterable where Self: Equatable {
    /// The case behind this one; behind the last, the first.
    package var next: Self {
        let all = Array(Self.allCases)
        return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
    }
}
