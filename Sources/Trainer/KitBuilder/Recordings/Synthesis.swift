import Catalogue
import Diagnostics
import Encoding
import Glibc
import Kit
import Posix

/// Speech of espeak-ng in the place of recordings, for trials and tests: never for a listener in the field.
public struct Synthesis: Sendable {
  /// Stands in the comment of every file written here, so that it is known for what it is wherever it is moved.
  public static let mark = "synthetic speech"

  /// What is to be spoken.
  public struct Request: Hashable, Sendable {
    public var language: String
    /// espeak-ng's voice; `nil` where it has none for this very language.
    public var voice: String?
    public var number: Int
    public var prompt: String
    public var text: String

    public init(language: String, voice: String?, number: Int, prompt: String, text: String) {
      self.language = language
      self.voice = voice
      self.number = number
      self.prompt = prompt
      self.text = text
    }

    var fileName: String { "\(KitLayout.stem(number: number, prompt: prompt)).wav" }
  }

  public enum Outcome: Equatable, Sendable {
    /// The file that was written.
    case spoken(path: String)
    /// There is a recording already.
    case recorded(path: String)
    /// espeak-ng has no voice for this language, and no other may stand in.
    case noVoice
    /// One line with the reason.
    case failed(String)
  }

  public struct Result: Equatable, Sendable {
    public var request: Request
    public var outcome: Outcome
  }

  /// The program is not there at all.
  public struct Missing: Error, Equatable, Sendable, CustomStringConvertible {
    public let program: String
    public var description: String { "\(program) is not installed: install it (sudo apt install espeak-ng)" }
  }

  /// Name or path of espeak-ng.
  private let program: String
  /// Everything by which it knows its voices, in lower case.
  private let voices: Set<String>

  public init(program: String = "espeak-ng") throws(Missing) {
    self.program = program
    do throws(SystemError) {
      voices = Self.voices(in: try ChildProcess.run(program, ["--voices"], seconds: 10).output)
    } catch { throw Missing(program: program) }
  }

  /// From the table `espeak-ng --voices`: priority, tag, age and gender, name, file, other tags in parentheses.
  static func voices(in table: String) -> Set<String> {
    var found: Set<String> = []
    for line in table.split(separator: "\n").dropFirst() {
      let columns = line.split(separator: " ", omittingEmptySubsequences: true)
      guard columns.count >= 5 else { continue }
      found.insert(columns[1].lowercased())
      found.insert(Path(String(columns[4])).lastComponent.lowercased())
      // Two entries stand without a space between.
      for other in columns[5...] {
        for part in other.split(separator: "(", omittingEmptySubsequences: false).dropFirst() {
          found.insert(part.lowercased())
        }
      }
    }
    return found
  }

  /// Speaks what has no recording yet, into `recordings/<tag>/synthetic/`. What is there is never overwritten.
  ///
  /// - Parameters:
  ///   - recordings: the directory of that name.
  ///   - existing: recordings that are there, in any voice.
  ///   - done: called with how many requests are done.
  /// - Returns: an outcome for each request, in their order.
  public func speak(
    _ requests: [Request], into recordings: String, existing: [Take], threads: Int = Workers.cores,
    done: (@Sendable (Int) -> Void)? = nil
  ) -> [Result] {
    let taken = Dictionary(existing.map { ("\($0.language)/\($0.number)", $0.path) }) { first, _ in first }
    return Workers.map(requests.count, threads: threads, done: done) { index in
      let request = requests[index]
      if let path = taken["\(request.language)/\(request.number)"] {
        return Result(request: request, outcome: .recorded(path: path))
      }
      return Result(request: request, outcome: speak(request, into: recordings))
    }
  }

  private func speak(_ request: Request, into recordings: String) -> Outcome {
    guard let voice = request.voice else { return .noVoice }
    // espeak-ng would take the nearest tag that it knows: Norwegian for `no-such`. No other language may stand in.
    if !voices.contains(voice.prefix { $0 != "+" }.lowercased()) {
      return .failed("\(program) has no voice \(voice.printable)")
    }
    let directory = "\(recordings)/\(request.language)/\(Take.synthetic)"
    let path = "\(directory)/\(request.fileName)"
    // Hidden, and named after the process: what a killed run leaves disturbs nobody.
    let draft = "\(directory)/.\(request.fileName).\(getpid())"
    let (words, sound) = (draft + ".txt", draft + ".wav")
    defer {
      unlink(words)
      unlink(sound)
    }
    do throws(SystemError) {
      try Files.makeDirectory(directory)
      // Through a file: no text can be taken for an option.
      try Files.replace(words, with: Array(request.text.utf8))
      let run = try ChildProcess.run(program, ["-b", "1", "-v", voice, "-f", words, "-w", sound], seconds: 60)
      if run.code != 0 {
        let reason = run.output.split(separator: "\n").first.map(String.init) ?? "exit code \(run.code)"
        return .failed("\(program) with voice \(voice): \(reason.printable)")
      }
      let bytes = try Files.read(sound)
      let comment = "\(Self.mark): \(program) \(voice)\(Self.wordingMark)\(Digest.sha256(request.text))"
      guard let marked = Self.marked(bytes, comment) else {
        return .failed("\(program) with voice \(voice): it wrote no sound")
      }
      try Files.replace(sound, with: marked)
      // link(2) refuses what is there, and what it makes is whole from its first moment.
      try posix("create", path: path) { link(sound, path) }
      return .spoken(path: path)
    } catch  where error.code == EEXIST {
      return .recorded(path: path)
    } catch {
      return .failed("\(error)")
    }
  }

  private static let wordingMark = "; wording "

  /// The SHA-256 of the wording in a comment that `speak` wrote.
  static func wording(in comment: String) -> String? {
    let words = comment.split(separator: " ")
    guard comment.contains(mark), comment.contains(wordingMark), let last = words.last, last.utf8.count == 64 else {
      return nil
    }
    return String(last)
  }

  /// A RIFF WAVE file with a comment behind its sound (LIST INFO ICMT); `nil` for what is none or holds no sound.
  static func marked(_ file: [UInt8], _ comment: String) -> [UInt8]? {
    guard file.count > 44, file[0..<4].elementsEqual("RIFF".utf8), file[8..<12].elementsEqual("WAVE".utf8) else {
      return nil
    }
    func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    // A text ends with a zero, and a chunk with an even byte.
    var text = Array(comment.utf8) + [0]
    if text.count % 2 == 1 { text.append(0) }
    let list = Array("INFOICMT".utf8) + little(text.count) + text
    let padding: [UInt8] = file.count % 2 == 1 ? [0] : []
    var marked = file + padding + Array("LIST".utf8) + little(list.count) + list
    marked.replaceSubrange(4..<8, with: little(marked.count - 8))
    return marked
  }
}
