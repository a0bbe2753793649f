import Kit

/// The order in which lists that wait in a spool are applied, when several of them wait.
///
/// A recall list comes before the rotation that retires its key, which would silence it, and after the one that makes its
/// key trusted. The order rests on unverified ids; the store verifies each document.
struct SpoolOrder {
  /// A recall list or a key rotation.
  struct Item: Equatable {
    /// The name of the file.
    var name: String
    /// The id of the key that has signed it, as its signature says; nil if that cannot be read.
    var signer: KeyID?
    /// The id of the key that follows, for a rotation.
    var successor: KeyID?
  }

  /// Returns the names in the order in which they are applied; those that no known key has signed come last.
  ///
  /// - Parameters:
  ///   - items: the lists and rotations.
  ///   - trusted: the ids of the keys that the store accepts new documents of.
  static func names(of items: [Item], trusted: Set<KeyID>) -> [String] {
    var (rest, known, names) = (items, trusted, [String]())
    func isKnown(_ item: Item) -> Bool { item.signer.map(known.contains) ?? false }
    while true {
      let lists = rest.filter { $0.successor == nil && isKnown($0) }
      names += lists.map(\.name)
      rest.removeAll { lists.contains($0) }
      guard let index = rest.firstIndex(where: { $0.successor != nil && isKnown($0) }) else { break }
      let rotation = rest.remove(at: index)
      names.append(rotation.name)
      if let old = rotation.signer { known.remove(old) }
      if let new = rotation.successor { known.insert(new) }
    }
    return names + rest.map(\.name)
  }
}
