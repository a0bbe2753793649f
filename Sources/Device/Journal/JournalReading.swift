import Encoding
import Posix

/// A journal as it was found: the lines of all its files, and what is wrong with them.
public struct JournalReading: Sendable {
  public struct Line: Sendable {
    public let file: String
    /// In the file, from 1.
    public let place: Int
    /// Nil for a line that cannot be read.
    public let entry: JournalEntry?
    /// SHA-256 of what stands there.
    public let hash: String
    /// It is as it was written: its own hash is right.
    public let isWhole: Bool
    /// It ends in a newline.
    public let isClosed: Bool
  }

  /// What should not be: one line says what and where.
  public struct Finding: Codable, Equatable, Sendable, CustomStringConvertible {
    public let file: String
    /// In the file, from 1.
    public let place: Int
    public let what: String

    public var description: String { "\(file):\(place): \(what)" }
  }

  /// In their order.
  public let files: [String]
  public let lines: [Line]
  public let findings: [Finding]
  /// What is explained, and no fault: a torn end, files that were removed by policy.
  public let remarks: [Finding]

  /// Those that are as they were written.
  public var entries: [JournalEntry] { lines.compactMap { $0.isWhole ? $0.entry : nil } }

  /// Number and hash of the last line that is whole.
  public var head: (number: Int, hash: String)? {
    lines.last { $0.isWhole }.flatMap { line in line.entry.map { ($0.number, line.hash) } }
  }

  public func holds(_ hash: String) -> Bool { lines.contains { $0.hash == hash } }

  /// Reads and verifies the files of one journal, in whatever order they are named; they are put into that of their
  /// first lines. Throws only where a file cannot be read.
  ///
  /// - Parameter progress: gets the number of lines done and of all.
  public init(
    _ paths: [String], progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(SystemError) {
    self.init(try Self.parts(paths, progress))
  }

  /// Reads files of many devices: those that follow on each other are one journal. A file that is named twice, or is a
  /// copy of another, is taken once.
  public static func journals(
    _ paths: [String], progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(SystemError) -> [JournalReading] {
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

    /// Of the first line that can be read. An empty file comes last: the power was cut before its first line.
    var number: Int { lines.lazy.compactMap { $0.entry?.number }.first ?? .max }
  }

  private static func parts(
    _ paths: [String], _ progress: (_ done: Int, _ all: Int) -> Void
  ) throws(SystemError) -> [Part] {
    var read: [(path: String, lines: [[UInt8]], isClosed: Bool)] = []
    for path in paths {
      let bytes = try Files.read(path)
      var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
      let isClosed = lines.last?.isEmpty ?? true
      if isClosed { lines.removeLast() }
      read.append((path, lines, isClosed))
    }
    let all = read.reduce(0) { $0 + $1.lines.count }
    var done = 0
    return read.map { path, texts, isClosed in
      let lines = texts.enumerated().map { index, text in
        done += 1
        if done % 1000 == 0 { progress(done, all) }
        return Line(
          file: path, place: index + 1, entry: try? Documents.decode(JournalEntry.self, from: text),
          hash: Digest.sha256(text), isWhole: JournalEntry.isWhole(text),
          isClosed: isClosed || index < texts.count - 1)
      }
      return Part(path: path, lines: lines)
    }
  }
}
