import Encoding

extension Request {
  /// Reads a request in its plain form, without a decoder: an integer, and strings as `PlainReader` reads them, such as
  /// `{"id":1,"do":"press","button":"safe-here"}`. A press on the socket should wait for no more.
  ///
  /// A line that it reads means the same to the decoder.
  ///
  /// - Parameter line: a line without its newline.
  /// - Returns: nil for every other line, sound or not: the decoder decides about those.
  init?(plain line: [UInt8]) {
    var (id, verb, button, person) = (nil as Int?, nil as String?, nil as String?, nil as String?)
    let isPlain = line.withUnsafeBufferPointer { bytes in
      var reader = PlainReader(bytes)
      let isRead = reader.object { reader, key in
        if key.is("id") { return reader.integer(into: &id) }
        if key.is("do") { return reader.string(into: &verb) }
        if key.is("button") { return reader.string(into: &button) }
        if key.is("by") { return reader.string(into: &person) }
        return false
      }
      return isRead && reader.isAtEnd
    }
    guard isPlain, let id, let verb else { return nil }
    self.init(id: id, verb: verb, button: button, by: person)
  }
}
