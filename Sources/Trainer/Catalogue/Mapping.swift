import Yams

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
    guard case .sequence(let sequence) = node else {
      return refuse("\(quoted) must be a list, not \(kind)", "write [a, b] or one line '- a' for each")
    }
    guard count.contains(sequence.count) else {
      return refuse("\(quoted) has \(sequence.count) items", "write \(count.words)")
    }
    return sequence.enumerated().map { child("[\($0.offset + 1)]", $0.element) }
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
    guard case .mapping(let mapping) = node else {
      return refuse("\(quoted) must be a mapping, not \(kind)", "write lines such as 'key: value'")
    }
    var entries: [(key: String, place: Field, value: Field)] = []
    var known: Set<String> = []
    for (keyNode, valueNode) in mapping {
      let place = below(keyNode)
      guard case .scalar(let scalar) = keyNode else {
        place.refuse("a key must be a word, not \(place.kind)", "write 'key: value'")
        continue
      }
      if scalar.style == .plain, PlainScalar.isAmbiguous(scalar.string) {
        place.refuse("the key '\(scalar.string)' is not in quotes", "put it in quotes: \"\(scalar.string)\"")
      } else if !known.insert(scalar.string).inserted {
        place.refuse("'\(scalar.string.shown)' is given twice", "keep one of them")
      } else {
        // Yams places an empty value after the colon, perhaps on the next line; the key's place is clearer.
        var value = child(scalar.string.shown, valueNode)
        if value.isNull {
          value = Field(file: file, name: value.name, mark: place.mark, node: valueNode, log: log)
        }
        entries.append((scalar.string, place, value))
      }
    }
    return entries
  }

  /// Returns whether neither this value nor any below it has an anchor, an alias or an explicit tag.
  func isPlainData() -> Bool {
    if node.anchor != nil {
      return refuse("anchors and aliases ('&', '*') are not allowed", "write the value out, or in quotes") ?? false
    }
    switch node {
    case .scalar(let scalar):
      if ["", "tag:yaml.org,2002:str"].contains(scalar.tag.description) { return true }
      return refuse("explicit tags ('!!') are not allowed", "remove the tag, or put the text in quotes") ?? false
    case .sequence(let sequence):
      guard ["", "tag:yaml.org,2002:seq"].contains(sequence.tag.description) else {
        return refuse("explicit tags ('!!') are not allowed", "remove the tag") ?? false
      }
      return sequence.allSatisfy { below($0).isPlainData() }
    case .mapping(let mapping):
      guard ["", "tag:yaml.org,2002:map"].contains(mapping.tag.description) else {
        return refuse("explicit tags ('!!') are not allowed", "remove the tag") ?? false
      }
      return mapping.allSatisfy { below($0.key).isKeyWithoutAnchor && below($0.value).isPlainData() }
    case .alias:
      return refuse("anchors and aliases ('&', '*') are not allowed", "write the value out") ?? false
    }
  }

  /// Whether a key has no anchor. Its tag needs no check: Yams resolves tags of keys when it compares them.
  private var isKeyWithoutAnchor: Bool {
    if node.anchor == nil { return true }
    return refuse("anchors and aliases ('&', '*') are not allowed", "write the key out, or in quotes") ?? false
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
