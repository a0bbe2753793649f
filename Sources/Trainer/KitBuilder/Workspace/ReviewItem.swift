import Catalogue
import Encoding

/// What a reviewer judges: one wording, and the recordings of it.
public struct ReviewItem: Sendable {
  /// The language of the wording.
  public var language: Language
  /// The prompt that it words.
  public var prompt: Prompt
  /// The wording.
  public var wording: Wording
  /// Its recordings by voice, synthetic ones included.
  public var takes: [Take]

  /// SHA-256 of the wording, by which the approvals ledger names it.
  public var hash: String { Digest.sha256(wording.text) }
}
