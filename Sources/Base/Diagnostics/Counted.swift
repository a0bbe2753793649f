/// Returns a number with its noun: `1 language`, `3 languages`.
///
/// - Parameters:
///   - count: the number.
///   - noun: the noun in the singular, with the words before it.
///   - plural: the noun in the plural, where it is not formed with an s.
public func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}
