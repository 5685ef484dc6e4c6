/// The few voice PINs that a model's database has left, so that one that is kept for somebody comes up again soon.
enum ModelPINs {
    /// One that the database refuses as too easy, and its rule.
    static let refused = "1234"
    static let rule = "model_refused"

    /// Of the four digits only every twenty-fifth number is left.
    static func free(_ number: Int) -> String {
        let digits = String(number % 400 * 25 + 3)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// What leaves so few.
    static let setting = """
        TRUNCATE convonet_admin.refused_pin;
        INSERT INTO convonet_admin.refused_pin (pin, rule)
        SELECT lpad(n::text, 4, '0'), '\(rule)' FROM generate_series(0, 9999) n WHERE n % 25 <> 3;
        UPDATE convonet_admin.policy SET issued_pin_length = 4, pin_minimum_length = 4, decoys_per_thousand = 0
        """
}
