import CYaml

/// Composes a document from the events of libyaml (`yaml_parser_parse`).
///
/// Anchors, aliases and explicit tags are refused where they stand, so nothing expands; depth and number of values are
/// bounded. The time grows with the size of the document alone.
final class YAMLComposer {
  /// The maximum number of mappings and lists within each other.
  static let maximumDepth = 64
  /// The maximum number of keys and values.
  static let maximumValues = 100_000

  /// Why a document is refused.
  struct Fault: Error {
    /// The line, from 1; nil if the parser does not know it.
    let line: Int?
    let message: String
    let remedy: String
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// The event that was read last.
  private var event = yaml_event_t()
  private var depth = 0
  private var values = 0

  /// Composes the document of a file.
  ///
  /// - Parameter content: UTF-8 without a byte order mark.
  /// - Returns: the document; nil if there is none.
  /// - Throws: the first fault.
  static func document(in content: ArraySlice<UInt8>) throws(Fault) -> YAMLNode? {
    let result: Result<YAMLNode?, Fault> = content.withUnsafeBufferPointer { bytes in
      Result { () throws(Fault) in try YAMLComposer(bytes).document() }
    }
    return try result.get()
  }

  /// Creates a composer of bytes, which must outlive it.
  private init(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    self.bytes = bytes
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else { throw Fault(line: nil, message: "no memory", remedy: "try again") }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_event_delete(&event)
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  private func document() throws(Fault) -> YAMLNode? {
    try advance()  // the start of the stream
    try advance()
    if event.type == YAML_STREAM_END_EVENT { return nil }
    try advance()
    let document = try value()
    try advance()  // the end of the document
    try advance()
    if event.type == YAML_STREAM_END_EVENT { return document }
    throw fault("a second document begins here", "keep one document in a file; remove the second '---'")
  }

  /// Returns the value that the last event begins.
  private func value() throws(Fault) -> YAMLNode {
    values += 1
    if values > Self.maximumValues {
      throw fault("more than \(Self.maximumValues) keys and values", "remove what does not belong here")
    }
    let place = Place(line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuse(scalar.anchor, scalar.tag)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return YAMLNode(place: place, content: .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE))
    case YAML_SEQUENCE_START_EVENT:
      try refuse(event.data.sequence_start.anchor, event.data.sequence_start.tag)
      return YAMLNode(place: place, content: .list(try items()))
    case YAML_MAPPING_START_EVENT:
      try refuse(event.data.mapping_start.anchor, event.data.mapping_start.tag)
      return YAMLNode(place: place, content: .mapping(try entries()))
    default:
      throw aliased
    }
  }

  private func items() throws(Fault) -> [YAMLNode] {
    try descend()
    var items: [YAMLNode] = []
    try advance()
    while event.type != YAML_SEQUENCE_END_EVENT {
      items.append(try value())
      try advance()
    }
    depth -= 1
    return items
  }

  private func entries() throws(Fault) -> [YAMLNode.Entry] {
    try descend()
    var entries: [YAMLNode.Entry] = []
    var lines: [String: Int] = [:]
    try advance()
    while event.type != YAML_MAPPING_END_EVENT {
      let key = try value()
      if let text = key.text, let first = lines.updateValue(key.place.line, forKey: text) {
        throw Fault(
          line: key.place.line, message: "'\(text.shown)' is given twice, first in line \(first)",
          remedy: "keep one of them")
      }
      try advance()
      var value = try value()
      // libyaml places an empty value after the colon, perhaps on the next line; the key's place is clearer.
      if value.isNull { value = YAMLNode(place: key.place, content: value.content) }
      entries.append(YAMLNode.Entry(key: key, value: value))
      try advance()
    }
    depth -= 1
    return entries
  }

  private func descend() throws(Fault) {
    depth += 1
    if depth > Self.maximumDepth {
      throw fault("more than \(Self.maximumDepth) levels of lists and keys", "remove the inner levels")
    }
  }

  /// Reads the next event.
  private func advance() throws(Fault) {
    yaml_event_delete(&event)
    if yaml_parser_parse(parser, &event) != 1 { throw unreadable }
  }

  /// Refuses an anchor or an explicit tag.
  private func refuse(_ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?)
    throws(Fault)
  {
    if anchor != nil { throw aliased }
    if tag != nil { throw fault("explicit tags ('!!') are not allowed", "remove the tag, or put the text in quotes") }
  }

  private var aliased: Fault {
    fault("anchors and aliases ('&', '*') are not allowed", "write the value out, or in quotes")
  }

  /// Returns the fault of the last event.
  private func fault(_ message: String, _ remedy: String) -> Fault {
    Fault(line: Int(event.start_mark.line) + 1, message: message, remedy: remedy)
  }

  /// The parser's own fault.
  private var unreadable: Fault {
    let problem = parser.pointee.problem.map { " (\(String(cString: $0)))" } ?? ""
    switch parser.pointee.error {
    case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
      return Fault(
        line: Int(parser.pointee.problem_mark.line) + 1, message: "not readable as YAML\(problem)",
        remedy: "check the quotes, colons and indentation here and on the line before")
    case YAML_READER_ERROR:
      // The parser reads ahead of its marks, and knows the byte.
      let line = bytes.prefix(parser.pointee.problem_offset).count { $0 == 0x0A } + 1
      return Fault(line: line, message: "not readable as YAML\(problem)", remedy: "remove control characters")
    default:
      return Fault(line: nil, message: "not readable as YAML\(problem)", remedy: "correct it")
    }
  }
}
