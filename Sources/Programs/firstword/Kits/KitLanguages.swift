import Catalogue
import Kit

extension KitFile {
  /// Returns the language with a tag or a name: its name for itself, or its name in English or in one of the kit's
  /// operator languages. Case and accents do not count.
  ///
  /// - Throws: if the kit has no such language, or if the name means several.
  func language(_ name: String) throws(Failure) -> BundleManifest {
    if let exact = bundles.first(where: { $0.tag.lowercased() == name.lowercased() }) { return exact }
    let key = NameKey.of(name)
    let found = key.isEmpty ? [] : bundles.filter { names(of: $0).contains(key) }
    if found.count == 1 { return found[0] }
    if found.count > 1 {
      let choices = found.map { "\($0.tag) (\($0.english))" }.joined(separator: " or ")
      throw .impossible("\(path): the name '\(name)' is ambiguous: use the tag: \(choices)")
    }
    let hint = Spelling.hint(name, bundles.flatMap { [$0.tag, $0.english] })
    throw .impossible(
      "\(path): no language '\(name)' in it\(hint); it has \(bundles.map(\.tag).joined(separator: ", "))")
  }

  /// Returns the tags of several languages, each by tag or name.
  func tags(_ names: [String]) throws(Failure) -> Set<String> {
    var tags: Set<String> = []
    for name in names { tags.insert(try language(name).tag) }
    return tags
  }

  /// Returns the keys of a language's names: `Edo (Bini)` is also `Edo` and `Bini`.
  private func names(of bundle: BundleManifest) -> Set<String> {
    let full = [bundle.english, bundle.autonym] + manifest.operators.compactMap { $0.languages[bundle.tag] }
    let parts = full.flatMap { name in
      [name, String(name.prefix { $0 != "(" }), String(name.drop { $0 != "(" })]
    }
    return Set(parts.map(NameKey.of)).subtracting([""])
  }
}
