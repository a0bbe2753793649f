import CYaml

/// The bounds of a YAML document. They hold for the parser's events, which come before values are composed: an alias
/// may stand for a value of any size, and comparing two keys takes as long as their values are large.
struct YAMLBounds {
  /// The maximum number of mappings and lists within each other.
  static let maximumDepth = 64
  /// The maximum number of keys and values.
  static let maximumValues = 100_000

  /// A bound that a document exceeds.
  enum Fault: Equatable {
    /// An alias of an anchor before it.
    case alias
    /// More levels than `maximumDepth`.
    case depth
    /// More keys and values than `maximumValues`.
    case values
  }

  private var anchors: Set<String> = []
  private var depth = 0
  private var values = 0

  private init() {}

  /// Returns the first fault in a document and its line, from 1; nil if there is none. The parser reports text that is
  /// no YAML.
  static func fault(in content: ArraySlice<UInt8>) -> (line: Int, fault: Fault)? {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else { return nil }
    defer { yaml_parser_delete(parser) }
    return content.withUnsafeBufferPointer { bytes in
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      var bounds = YAMLBounds()
      var event = yaml_event_t()
      while yaml_parser_parse(parser, &event) == 1 {
        defer { yaml_event_delete(&event) }
        if event.type == YAML_STREAM_END_EVENT || event.type == YAML_DOCUMENT_END_EVENT { return nil }
        if let fault = bounds.take(event) { return (event.start_mark.line + 1, fault) }
      }
      return nil
    }
  }

  private mutating func take(_ event: yaml_event_t) -> Fault? {
    switch event.type {
    case YAML_ALIAS_EVENT:
      if anchors.contains(Self.text(event.data.alias.anchor)) { return .alias }
    case YAML_SCALAR_EVENT:
      anchors.insert(Self.text(event.data.scalar.anchor))
    case YAML_SEQUENCE_START_EVENT:
      anchors.insert(Self.text(event.data.sequence_start.anchor))
      depth += 1
    case YAML_MAPPING_START_EVENT:
      anchors.insert(Self.text(event.data.mapping_start.anchor))
      depth += 1
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      depth -= 1
      return nil
    default:
      return nil
    }
    values += 1
    return depth > Self.maximumDepth ? .depth : values > Self.maximumValues ? .values : nil
  }

  /// Returns the name of an anchor; empty, as no anchor's is, if there is none.
  private static func text(_ name: UnsafeMutablePointer<yaml_char_t>?) -> String {
    name.map { String(cString: $0) } ?? ""
  }
}
