import Encoding

// A device is ready when it has read the manifests of all its languages: thousands of clips. Those that our own builder
// wrote are read here, in one pass; every other text is left to the decoder.

extension BundleManifest {
  /// Decodes a bundle's manifest.
  ///
  /// - Throws: an error for what does not decode, as `Documents.decode` does.
  package init(decoding text: [UInt8]) throws(DocumentError) {
    if let plain = Self(plain: text) { self = plain } else { self = try Documents.decode(Self.self, from: text) }
  }

  /// Reads a manifest in the plain form of `Documents.encode`: each key once, and no escapes but those of quotation
  /// marks and backslashes.
  ///
  /// A text that it reads means the same to the decoder.
  ///
  /// - Returns: nil for every other text, sound or not.
  init?(plain text: [UInt8]) {
    var bundle = BundleManifest(
      tag: "", number: 0, english: "", autonym: "", script: "", direction: .ltr, regions: [], fallback: [], clips: [])
    var seen = Seen()
    let isPlain = text.withUnsafeBufferPointer { bytes in
      var reader = PlainReader(bytes)
      return reader.object { reader, key in bundle.read(key, from: &reader, &seen) } && reader.isAtEnd
    }
    guard isPlain, seen.has(Self.requiredFields) else { return nil }
    self = bundle
  }

  /// The fields that a manifest must have.
  private static let requiredFields: UInt32 = 0b110_1111_1111

  private mutating func read(_ key: PlainKey, from reader: inout PlainReader, _ seen: inout Seen) -> Bool {
    if key.is("format") { return seen.first(0) && set(&format, reader.string()) }
    if key.is("tag") { return seen.first(1) && set(&tag, reader.string()) }
    if key.is("number") { return seen.first(2) && set(&number, reader.integer()) }
    if key.is("english") { return seen.first(3) && set(&english, reader.string()) }
    if key.is("autonym") { return seen.first(4) && set(&autonym, reader.string()) }
    if key.is("script") { return seen.first(5) && set(&script, reader.string()) }
    if key.is("direction") {
      return seen.first(6) && set(&direction, reader.string().flatMap(Direction.init(rawValue:)))
    }
    if key.is("regions") { return seen.first(7) && set(&regions, reader.strings()) }
    if key.is("approvals") {
      approvals = ApprovalCount(from: &reader)
      return seen.first(8) && approvals != nil
    }
    if key.is("fallback") { return seen.first(9) && set(&fallback, reader.strings()) }
    if key.is("clips") {
      guard seen.first(10) else { return false }
      return reader.list { reader in
        guard let clip = Clip(from: &reader) else { return false }
        clips.append(clip)
        return true
      }
    }
    return false
  }
}

extension ApprovalCount {
  fileprivate init?(from reader: inout PlainReader) {
    var (proved, unproved, keys) = (nil as Int?, nil as Int?, nil as [String]?)
    let isRead = reader.object { reader, key in
      if key.is("proved") { return reader.integer(into: &proved) }
      if key.is("unproved") { return reader.integer(into: &unproved) }
      if key.is("keys"), keys == nil {
        keys = reader.strings()
        return keys != nil
      }
      return false
    }
    guard isRead, let proved, let unproved, let keys else { return nil }
    self.init(proved: proved, unproved: unproved, keys: keys)
  }
}

extension Clip {
  fileprivate init?(from reader: inout PlainReader) {
    var clip = Clip(
      prompt: "", number: 0, voice: "", file: "", sha256: "", bytes: 0, frames: 0, loudness: 0, peak: 0, onset: 0,
      status: .draft, synthetic: false, text: "", back: "", wording: "")
    var seen = Seen()
    let isRead = reader.object { reader, key in clip.read(key, from: &reader, &seen) }
    guard isRead, seen.has(Self.requiredFields) else { return nil }
    self = clip
  }

  /// The fields that a clip must have.
  private static let requiredFields: UInt32 = 0b1111_1111_1111_1111

  private mutating func read(_ key: PlainKey, from reader: inout PlainReader, _ seen: inout Seen) -> Bool {
    if key.is("prompt") { return seen.first(0) && set(&prompt, reader.string()) }
    if key.is("number") { return seen.first(1) && set(&number, reader.integer()) }
    if key.is("kind") { return seen.first(2) && set(&kind, reader.string().flatMap(Kind.init(rawValue:))) }
    if key.is("voice") { return seen.first(3) && set(&voice, reader.string()) }
    if key.is("file") { return seen.first(4) && set(&file, reader.string()) }
    if key.is("sha256") { return seen.first(5) && set(&sha256, reader.string()) }
    if key.is("bytes") { return seen.first(6) && set(&bytes, reader.integer()) }
    if key.is("frames") { return seen.first(7) && set(&frames, reader.integer()) }
    if key.is("loudness") { return seen.first(8) && set(&loudness, reader.number()) }
    if key.is("peak") { return seen.first(9) && set(&peak, reader.number()) }
    if key.is("onset") { return seen.first(10) && set(&onset, reader.integer()) }
    if key.is("status") { return seen.first(11) && set(&status, reader.string().flatMap(Status.init(rawValue:))) }
    if key.is("synthetic") { return seen.first(12) && set(&synthetic, reader.boolean()) }
    if key.is("text") { return seen.first(13) && set(&text, reader.string()) }
    if key.is("back") { return seen.first(14) && set(&back, reader.string()) }
    if key.is("wording") { return seen.first(15) && set(&wording, reader.string()) }
    if key.is("form") {
      form = reader.string().flatMap(Form.init(rawValue:))
      return seen.first(16) && form != nil
    }
    if key.is("speaker") {
      speaker = reader.string()
      return seen.first(17) && speaker != nil
    }
    if key.is("proof") {
      proof = reader.string().flatMap(ApprovalProof.init(rawValue:))
      return seen.first(18) && proof != nil
    }
    return false
  }
}

/// Sets a field; returns false if there is no value.
private func set<Value>(_ field: inout Value, _ value: Value?) -> Bool {
  guard let value else { return false }
  field = value
  return true
}

/// The fields of an object that have been read, each by its own number.
private struct Seen {
  private var fields: UInt32 = 0

  /// Notes a field; returns false if it was read before.
  mutating func first(_ field: UInt32) -> Bool {
    defer { fields |= 1 << field }
    return fields & 1 << field == 0
  }

  /// Whether all these fields were read.
  func has(_ required: UInt32) -> Bool { fields & required == required }
}
