/// The values of a YAML mapping whose keys have been checked.
package struct Mapping {
  /// The values by key.
  package let fields: [String: Field]
  /// The mapping itself.
  package let field: Field

  /// Returns the value of a key, or nil if the mapping does not have it.
  package subscript(key: String) -> Field? { fields[key] }
}

extension Field {
  /// Returns the items of a list.
  ///
  /// - Parameter count: the permitted number of items.
  package func list(_ count: ClosedRange<Int> = 1...1000) -> [Field]? {
    guard case .list(let items) = node.content else {
      return refuse("\(quoted) must be a list, not \(kind)", "write [a, b] or one line '- a' for each")
    }
    guard count.contains(items.count) else {
      return refuse("\(quoted) has \(items.count) items", "write \(count.words)")
    }
    let above = name
    return items.enumerated().map {
      Field(file: file, above: above, key: "[\($0.offset + 1)]", node: $0.element, log: log)
    }
  }

  /// Returns the items of a list, each read by `read`; nil if `read` refuses one of them.
  ///
  /// - Parameters:
  ///   - count: the permitted number of items.
  ///   - read: reads one item.
  package func items<Value>(count: ClosedRange<Int> = 1...1000, _ read: (Field) -> Value?) -> [Value]? {
    guard let fields = list(count) else { return nil }
    let values = fields.compactMap(read)
    return values.count == fields.count ? values : nil
  }

  /// The maximum number of unknown keys of a mapping that are reported one by one.
  private static var maximumUnknown: Int { 20 }

  /// Returns a mapping with the required keys, perhaps the optional ones, and no others.
  package func mapping(_ required: [String], optional: [String] = []) -> Mapping? {
    guard let entries = entries() else { return nil }
    let known = required + optional
    var fields: [String: Field] = [:]
    var unknown = 0
    for (key, place, value) in entries {
      if known.contains(key) {
        fields[key] = value
        continue
      }
      unknown += 1
      if unknown <= Self.maximumUnknown {
        place.refuse(
          "unknown key '\(key.shown)'\(Spelling.hint(key, known))", "use one of \(known.joined(separator: ", "))")
      }
    }
    if unknown > Self.maximumUnknown {
      refuse("\(unknown - Self.maximumUnknown) more unknown keys", "use one of \(known.joined(separator: ", "))")
    }
    for key in required where fields[key] == nil {
      refuse(name.isEmpty ? "'\(key)' is missing" : "'\(key)' is missing in \(quoted)", "add a line '\(key): …'")
    }
    return Mapping(fields: fields, field: self)
  }

  /// Returns the entries of a mapping with arbitrary keys, in the order of the file.
  ///
  /// - Returns: for each entry its key, the key's place, and the value.
  package func entries() -> [(key: String, place: Field, value: Field)]? {
    guard case .mapping(let mapping) = node.content else {
      return refuse("\(quoted) must be a mapping, not \(kind)", "write lines such as 'key: value'")
    }
    var entries: [(key: String, place: Field, value: Field)] = []
    let above = name
    for entry in mapping {
      let place = Field(file: file, node: entry.key, log: log)
      guard case .scalar(let key, let isPlain) = entry.key.content else {
        place.refuse("a key must be a word, not \(place.kind)", "write 'key: value'")
        continue
      }
      if isPlain, PlainScalar.isAmbiguous(key) {
        place.refuse("the key '\(key)' is not in quotes", "put it in quotes: \"\(key)\"")
      } else {
        entries.append((key, place, Field(file: file, above: above, key: key.shown, node: entry.value, log: log)))
      }
    }
    return entries
  }

  /// Whether the value is a mapping.
  var isMapping: Bool {
    if case .mapping = node.content { true } else { false }
  }

  /// The keys of a mapping that are texts; none for another value.
  var keys: [String] {
    if case .mapping(let mapping) = node.content { mapping.compactMap(\.key.text) } else { [] }
  }
}

extension Field? {
  /// Returns `standard` if the key is absent, else the result of `read`.
  package func or<Value>(_ standard: Value, _ read: (Field) -> Value?) -> Value? {
    switch self {
    case nil: standard
    case let field?: read(field)
    }
  }
}
