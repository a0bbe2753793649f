import Posix

/// A journal that was read and verified: the lines of all its files, and the findings about them.
public struct JournalReading: Sendable {
  /// A line of a file.
  public struct Line: Sendable {
    /// Path of the file.
    public let file: String
    /// Number of the line in the file, from 1.
    public let place: Int
    /// The decoded line; nil if it cannot be decoded.
    public let entry: JournalEntry?
    /// SHA-256 of the line.
    public let hash: String
    /// Whether it is as it was written: its own hash is correct.
    public let isWhole: Bool
    /// Whether it ends in a newline.
    public let isClosed: Bool
  }

  /// A statement about one line, for people.
  public struct Finding: Codable, Equatable, Sendable, CustomStringConvertible {
    /// Path of the file.
    public let file: String
    /// Number of the line in the file, from 1.
    public let place: Int
    /// The statement.
    public let what: String

    /// `FILE:LINE: STATEMENT`
    public var description: String { "\(file):\(place): \(what)" }
  }

  /// Paths of the files, in the order of their lines.
  public let files: [String]
  /// The lines of all files.
  public let lines: [Line]
  /// What is wrong with the journal.
  public let findings: [Finding]
  /// What is explained and no fault: a torn last line, files that the policy removed.
  public let remarks: [Finding]

  /// The entries of the lines that are as they were written.
  public var entries: [JournalEntry] { lines.compactMap { $0.isWhole ? $0.entry : nil } }

  /// Number and hash of the last line that is whole.
  public var head: (number: Int, hash: String)? {
    lines.last { $0.isWhole }.flatMap { line in line.entry.map { ($0.number, line.hash) } }
  }

  /// Returns whether a line has this SHA-256.
  public func holds(_ hash: String) -> Bool { lines.contains { $0.hash == hash } }

  /// Reads and verifies the files of one journal.
  ///
  /// - Parameters:
  ///   - paths: The files, in any order; they are sorted by their first lines.
  ///   - progress: Called with the number of verified lines and of all lines.
  /// - Throws: `JournalError` if a file cannot be read, or none is a journal.
  public init(
    _ paths: [String], progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(JournalError) {
    self.init(try Self.parts(paths, progress))
  }

  /// Verifies the contents of the files of one journal, which were read elsewhere.
  ///
  /// - Parameter contents: The files' names, by which findings call them, and their bytes; in any order.
  /// - Throws: `JournalError` if none is a journal.
  public init(contents: [(name: String, bytes: [UInt8])]) throws(JournalError) {
    self.init(try Self.parts(contents.map { Content(path: $0.name, bytes: $0.bytes) }) { _, _ in })
  }

  /// Reads the files of many devices. Files whose chains continue each other are one journal. A file that is named
  /// twice, or is a copy of another, counts once.
  ///
  /// - Throws: `JournalError` if a file cannot be read, or none is a journal.
  public static func journals(
    _ paths: [String], progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(JournalError) -> [JournalReading] {
    var journals: [[Part]] = []
    var known: Set<String> = []
    for part in try parts(paths, progress).sorted(by: { $0.number < $1.number }) {
      guard let first = part.lines.first, known.insert(first.hash).inserted else { continue }
      let before = journals.firstIndex { $0.last?.lines.last?.hash == first.entry?.previous }
      if let before { journals[before].append(part) } else { journals.append([part]) }
    }
    return journals.map { JournalReading($0) }
  }

  private init(_ parts: [Part]) {
    let parts = parts.sorted { $0.number < $1.number }
    files = parts.map(\.path)
    lines = parts.flatMap(\.lines)
    var check = JournalCheck(lines)
    check.run()
    findings = check.findings
    remarks = check.remarks
  }

  /// One file.
  private struct Part {
    let path: String
    let lines: [Line]

    /// Number of the first line that can be read. An empty file comes last: the power was cut before its first line.
    var number: Int { lines.lazy.compactMap { $0.entry?.number }.first ?? .max }
  }

  private static func parts(
    _ paths: [String], _ progress: (_ done: Int, _ all: Int) -> Void
  ) throws(JournalError) -> [Part] {
    var read: [Content] = []
    for path in paths {
      do throws(SystemError) { read.append(Content(path: path, bytes: try Files.read(path))) } catch {
        throw .system(error)
      }
    }
    return try parts(read, progress)
  }

  /// The bytes of a file, and where its lines are.
  private struct Content {
    let path: String
    let bytes: [UInt8]
    /// The lines without their newlines.
    var lines: [Range<Int>] = []
    /// Whether the last line ends in a newline.
    let isClosed: Bool

    init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
      isClosed = bytes.last.map { $0 == 0x0A } ?? true
      var start = 0
      bytes.withUnsafeBufferPointer { bytes in
        while start < bytes.count {
          var end = start
          while end < bytes.count, bytes[end] != 0x0A { end += 1 }
          lines.append(start..<end)
          start = end + 1
        }
      }
    }

    /// Reads and hashes a line.
    func line(_ index: Int) -> Line {
      bytes.withUnsafeBufferPointer { bytes in
        let text = UnsafeBufferPointer(rebasing: bytes[lines[index]])
        let seal = JournalSeal(text)
        return Line(
          file: path, place: index + 1, entry: try? JournalEntry(decoding: text), hash: seal.hash,
          isWhole: seal.isWhole, isClosed: isClosed || index < lines.count - 1)
      }
    }

    /// The bytes of a line.
    func text(_ index: Int) -> [UInt8] { Array(bytes[lines[index]]) }
  }

  private static func parts(
    _ read: [Content], _ progress: (_ done: Int, _ all: Int) -> Void
  ) throws(JournalError) -> [Part] {
    let all = read.reduce(0) { $0 + $1.lines.count }
    var done = 0
    var parts: [Part] = []
    var (stranger, hasJournal): (String?, Bool) = (nil, false)
    for content in read {
      let lines = content.lines.indices.map { index in
        done += 1
        if done % 1000 == 0 { progress(done, all) }
        return content.line(index)
      }
      for (index, line) in lines.enumerated() {
        // Only a line that cannot be decoded, or says so itself, is looked at twice.
        guard line.entry.map({ $0.format ?? 1 > JournalEntry.currentFormat }) ?? true else { continue }
        if let format = JournalEntry.laterFormat(of: content.text(index)) {
          throw .laterFormat(path: content.path, line: line.place, format: format)
        }
      }
      parts.append(Part(path: content.path, lines: lines))
      let isJournal =
        lines.isEmpty || lines.indices.contains { lines[$0].entry != nil || isLike(content.text($0)) }
      if !isJournal, stranger == nil { stranger = content.path }
      hasJournal = hasJournal || isJournal
    }
    // Beside files of a journal, a file that cannot be read may be one that was damaged: its lines are findings.
    if let stranger, !hasJournal { throw .noJournal(path: stranger) }
    return parts
  }

  /// Returns whether a line that cannot be decoded may have been one of a journal: it begins as one, or was torn before
  /// that. Keys are sorted, so few can be the first.
  private static func isLike(_ line: [UInt8]) -> Bool {
    ["about", "audience", "boot", "by"].map { Array("{\"\($0)\":\"".utf8) }.contains { beginning in
      line.starts(with: beginning) || !line.isEmpty && beginning.starts(with: line)
    }
  }
}
