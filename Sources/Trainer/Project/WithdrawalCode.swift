import Encoding

/// The code with which a speaker who recorded by post withdraws the consent. Only the speaker has it; `speakers.yaml`
/// has its SHA-256.
public enum WithdrawalCode {
  /// Returns the SHA-256 that `speakers.yaml` has of a code; nil if a text has not the form of a code, which is 20
  /// letters and digits. People type O for 0, and I or L for 1.
  public static func hash(of text: String) -> String? {
    let typed = text.uppercased().filter { !"- \u{2010}\u{2011}\u{2013}".contains($0) }
    let code = String(typed.map { mistaken[$0] ?? $0 })
    guard code.count == 20, code.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else { return nil }
    return Digest.sha256("firstword-withdrawal/1\n\(code)\n")
  }

  private static let mistaken: [Character: Character] = ["O": "0", "I": "1", "L": "1"]
}

extension Speakers {
  /// Returns the pseudonym of the speaker whose withdrawal code this is; nil if it is nobody's.
  public func pseudonym(ofWithdrawalCode code: String) -> String? {
    WithdrawalCode.hash(of: code).flatMap { hash in all.first { $0.withdrawal == hash }?.pseudonym }
  }
}
