import Board
import Encoding

extension Rule {
  /// Validates the id of a prompt or sequence, or the name of a module.
  ///
  /// - Throws: `DocumentError` where `text` is no id, or is the name of a control.
  package static func prompt(_ text: String, _ key: String) throws(DocumentError) {
    try word(text, key, alphabet: ids, limit: 40)
    if Button.Control(rawValue: text) != nil { throw DocumentError(key, "\(text) is the name of a control") }
  }
}
