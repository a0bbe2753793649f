/// One value of a YAML file: a text, a list or a mapping. Two are equal if their contents are, wherever they stand.
package struct YAMLNode: Equatable {
  /// What a value is.
  package enum Content: Equatable {
    /// A text; a plain one is without quotes and not a block.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// The keys and their values, in the order of the file. No two keys are the same text.
    case mapping([Entry])
  }

  /// A key and its value.
  package struct Entry: Equatable {
    package let key: YAMLNode
    package let value: YAMLNode
  }

  /// The place of the first character; the key's place if the value is empty.
  package let place: Place
  package let content: Content

  package static func == (a: YAMLNode, b: YAMLNode) -> Bool { a.content == b.content }

  /// The text of a scalar, with or without quotes; nil for a list or a mapping.
  package var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  /// Whether the value is empty, `null` or `~`, without quotes.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A place in a file.
package struct Place {
  /// The line, from 1.
  package let line: Int
  /// The column in Unicode scalars, from 1.
  package let column: Int
}
