import PostAssets

/// The files of the pages that go by post, which the program embeds.
package enum PostFiles {
  /// The text of every file by its name.
  package static let all: [String: String] = Dictionary(
    uniqueKeysWithValues: UnsafeBufferPointer(start: fw_first_post_asset(), count: Int(fw_post_asset_count)).map {
      (
        String(cString: $0.name),
        String(decoding: UnsafeBufferPointer(start: $0.bytes, count: Int($0.count)), as: UTF8.self)
      )
    })

  /// Returns the modules of a page as one script: their lines in order, without what imports and exports names, and
  /// without comments and indentation. A name that two modules have is an error of the script, which the tests of the
  /// page find.
  static func script(_ modules: [String]) -> String {
    modules.map { code(all[$0] ?? "") }.joined()
  }

  /// Returns the words of letters, digits and hyphens that stand in double quotes in a script.
  static func quotedWords(of script: String) -> Set<String> {
    let quote = UInt8(ascii: "\"")
    var found: Set<String> = []
    var word: [UInt8]?
    for byte in script.utf8 {
      if byte == quote {
        if let word, !word.isEmpty { found.insert(String(decoding: word, as: UTF8.self)) }
        word = []
      } else if (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") {
        word?.append(byte)
      } else {
        word = nil
      }
    }
    return found
  }

  /// Returns a module without imports, exports, comments of whole lines and indentation.
  static func code(_ module: String) -> String {
    var code = ""
    var (isImport, isComment) = (false, false)
    for line in module.split(separator: "\n") {
      var text = line.drop { $0 == " " }
      if text.hasPrefix("import ") { isImport = true }
      if text.hasPrefix("/*") { isComment = true }
      defer {
        if isImport, text.contains(" from \"") { isImport = false }
        if isComment, text.hasSuffix("*/") { isComment = false }
      }
      if isImport || isComment || text.hasPrefix("//") { continue }
      if text.hasPrefix("export ") { text = text.dropFirst("export ".count) }
      code += text + "\n"
    }
    return code
  }
}
