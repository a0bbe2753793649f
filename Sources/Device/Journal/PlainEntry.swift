import Encoding

// A journal can have millions of lines. Those that our own devices wrote are read here, in one pass; every other line is
// left to the decoder.

extension JournalEntry {
  /// Decodes a line.
  ///
  /// - Throws: an error for what does not decode, as `Documents.decode` does.
  init(decoding line: UnsafeBufferPointer<UInt8>) throws(DocumentError) {
    if let plain = Self(plain: line) { self = plain } else { self = try Documents.decode(Self.self, from: Array(line)) }
  }

  /// Reads a line in the plain form of `line()`: only keys that this version knows, each once, and no escapes but those
  /// of quotation marks and backslashes.
  ///
  /// A line that it reads means the same to the decoder.
  ///
  /// - Returns: nil for every other line, sound or not.
  package init?(plain line: UnsafeBufferPointer<UInt8>) {
    var place = Place()
    var fields = JournalFields(word: "")
    var reader = PlainReader(line)
    let isRead = reader.object { reader, key in place.read(key, from: &reader) || fields.read(key, from: &reader) }
    guard isRead, reader.isAtEnd, let number = place.number, Self.numbers.contains(number), let time = place.time,
      let previous = place.previous, let monotonic = place.monotonic, monotonic >= 0, let boot = place.boot,
      let word = place.event
    else { return nil }
    fields.event = word
    guard let event = fields.decoded else { return nil }
    format = place.format
    self.number = number
    self.previous = previous
    self.time = time
    self.monotonic = Int64(monotonic)
    self.boot = boot
    self.event = event
  }

  /// The keys that place a line, the event's word, and `whole`, which `JournalSeal` compares.
  private struct Place {
    var format, number, monotonic: Int?
    var previous, time, boot, event, whole: String?

    mutating func read(_ key: PlainKey, from reader: inout PlainReader) -> Bool {
      if key.is("boot") { return reader.string(into: &boot) }
      if key.is("event") { return reader.string(into: &event) }
      if key.is("format") { return reader.integer(into: &format) }
      if key.is("monotonic") { return reader.integer(into: &monotonic) }
      if key.is("number") { return reader.integer(into: &number) }
      if key.is("previous") { return reader.string(into: &previous) }
      if key.is("time") { return reader.string(into: &time) }
      return key.is("whole") && reader.string(into: &whole)
    }
  }
}

extension JournalFields {
  /// Reads an event's key; returns false for one that it does not know. The files that were removed are not plain.
  fileprivate mutating func read(_ key: PlainKey, from reader: inout PlainReader) -> Bool {
    if key.is("about") { return reader.string(into: &about) }
    if key.is("audience") { return reader.string(into: &audience) }
    if key.is("by") { return reader.string(into: &by) }
    if key.is("clip") { return reader.string(into: &clip) }
    if key.is("detail") { return reader.string(into: &detail) }
    if key.is("form") { return reader.string(into: &form) }
    if key.is("formula") { return reader.string(into: &formula) }
    if key.is("formulaClip") { return reader.string(into: &formulaClip) }
    if key.is("heard") { return reader.integer(into: &heard) }
    if key.is("judge") { return reader.string(into: &judge) }
    if key.is("kit") { return reader.string(into: &kit) }
    if key.is("language") { return reader.string(into: &language) }
    if key.is("lost") { return reader.integer(into: &lost) }
    if key.is("part") { return reader.string(into: &part) }
    if key.is("partHeard") { return reader.integer(into: &partHeard) }
    if key.is("prompt") { return reader.string(into: &prompt) }
    if key.is("reason") { return reader.string(into: &reason) }
    if key.is("signer") { return reader.string(into: &signer) }
    return key.is("voice") && reader.string(into: &voice)
  }
}
