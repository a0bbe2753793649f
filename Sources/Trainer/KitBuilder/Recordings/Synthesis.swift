import Catalogue
import Diagnostics
import Encoding
import Glibc
import Kit
import Posix

/// Speech synthesis by espeak-ng in place of recordings, for trials and tests: never for a listener in the field.
public struct Synthesis: Sendable {
  /// The beginning of the comment in every file that is written here. It marks a file as synthetic wherever it is moved.
  public static let mark = "synthetic speech"

  /// A wording to synthesize.
  public struct Request: Hashable, Sendable {
    /// The BCP 47 tag of the language.
    public var language: String
    /// The voice of espeak-ng; `nil` if it has none for this language.
    public var voice: String?
    /// The prompt's number.
    public var number: Int
    /// The prompt's id.
    public var prompt: String
    /// The wording.
    public var text: String

    /// Creates a request.
    public init(language: String, voice: String?, number: Int, prompt: String, text: String) {
      self.language = language
      self.voice = voice
      self.number = number
      self.prompt = prompt
      self.text = text
    }

    var fileName: String { "\(KitLayout.stem(number: number, prompt: prompt)).wav" }
  }

  /// The outcome of a request.
  public enum Outcome: Equatable, Sendable {
    /// The file that was written.
    case spoken(path: String)
    /// A recording exists already.
    case recorded(path: String)
    /// espeak-ng has no voice for this language, and another language's is not used.
    case noVoice
    /// The synthesis failed; the reason in one line.
    case failed(String)
  }

  /// A request with its outcome.
  public struct Result: Equatable, Sendable {
    /// The request.
    public var request: Request
    /// Its outcome.
    public var outcome: Outcome
  }

  /// The program is not installed.
  public struct Missing: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name or path of the program.
    public let program: String
    /// The program, and how to install it.
    public var description: String { "\(program) is not installed: install it (sudo apt install espeak-ng)" }
  }

  /// The name or path of espeak-ng.
  private let program: String
  /// All names and tags of its voices, in lower case.
  private let voices: Set<String>

  /// Reads the list of voices.
  ///
  /// - Parameter program: the name or path of espeak-ng.
  /// - Throws: `Missing` if it cannot be run.
  public init(program: String = "espeak-ng") throws(Missing) {
    self.program = program
    do throws(SystemError) {
      voices = Self.voices(in: try ChildProcess.run(program, ["--voices"], seconds: 10).output)
    } catch { throw Missing(program: program) }
  }

  /// Parses the table of `espeak-ng --voices`: priority, tag, age and gender, name, file, other tags in parentheses.
  static func voices(in table: String) -> Set<String> {
    var found: Set<String> = []
    for line in table.split(separator: "\n").dropFirst() {
      let columns = line.split(separator: " ", omittingEmptySubsequences: true)
      guard columns.count >= 5 else { continue }
      found.insert(columns[1].lowercased())
      found.insert(Path(String(columns[4])).lastComponent.lowercased())
      // Two entries may have no space between them.
      for other in columns[5...] {
        for part in other.split(separator: "(", omittingEmptySubsequences: false).dropFirst() {
          found.insert(part.lowercased())
        }
      }
    }
    return found
  }

  /// Synthesizes what has no recording yet, into `recordings/<tag>/synthetic/`. An existing file is never overwritten.
  ///
  /// - Parameters:
  ///   - requests: the wordings.
  ///   - recordings: the path of the directory `recordings`.
  ///   - existing: the existing recordings, in any voice.
  ///   - threads: the number of threads.
  ///   - done: called with the number of requests that are done.
  /// - Returns: a result for each request, in their order.
  public func speak(
    _ requests: [Request], into recordings: String, existing: [Take], threads: Int = Workers.cores,
    done: (@Sendable (Int) -> Void)? = nil
  ) -> [Result] {
    let taken = Dictionary(existing.map { ("\($0.language)/\($0.prompt)", $0.path) }) { first, _ in first }
    return Workers.map(requests.count, threads: threads, done: done) { index in
      let request = requests[index]
      if let path = taken["\(request.language)/\(request.prompt)"] {
        return Result(request: request, outcome: .recorded(path: path))
      }
      return Result(request: request, outcome: speak(request, into: recordings))
    }
  }

  private func speak(_ request: Request, into recordings: String) -> Outcome {
    guard let voice = request.voice else { return .noVoice }
    // espeak-ng would use the nearest tag that it knows: Norwegian for `no-such`. Another language must not be spoken.
    if !voices.contains(voice.prefix { $0 != "+" }.lowercased()) {
      return .failed("\(program) has no voice \(voice.printable)")
    }
    let directory = "\(recordings)/\(request.language)/\(Take.synthetic)"
    let path = "\(directory)/\(request.fileName)"
    // Hidden, and with the process's id: files of a killed process have no effect.
    let draft = "\(directory)/.\(request.fileName).\(getpid())"
    let (words, sound) = (draft + ".txt", draft + ".wav")
    defer {
      unlink(words)
      unlink(sound)
    }
    do throws(SystemError) {
      try Files.makeDirectory(directory)
      // In a file, because a text could be parsed as an option.
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
      // link(2) fails if the file exists, and the file that it creates is complete.
      try posix("create", path: path) { link(sound, path) }
      return .spoken(path: path)
    } catch  where error.code == EEXIST {
      return .recorded(path: path)
    } catch {
      return .failed("\(error)")
    }
  }

  private static let wordingMark = "; wording "

  /// Returns the SHA-256 of the wording from a comment that `speak` wrote; nil if it has none.
  static func wording(in comment: String) -> String? {
    let words = comment.split(separator: " ")
    guard comment.contains(mark), comment.contains(wordingMark), let last = words.last, last.utf8.count == 64 else {
      return nil
    }
    return String(last)
  }

  /// Returns a RIFF WAVE file with a comment after its sound (LIST INFO ICMT); `nil` if the file has another format or no
  /// sound.
  static func marked(_ file: [UInt8], _ comment: String) -> [UInt8]? {
    guard file.count > 44, file[0..<4].elementsEqual("RIFF".utf8), file[8..<12].elementsEqual("WAVE".utf8) else {
      return nil
    }
    func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    // A text ends with a zero byte, and a chunk has an even length.
    var text = Array(comment.utf8) + [0]
    if text.count % 2 == 1 { text.append(0) }
    let list = Array("INFOICMT".utf8) + little(text.count) + text
    let padding: [UInt8] = file.count % 2 == 1 ? [0] : []
    var marked = file + padding + Array("LIST".utf8) + little(list.count) + list
    marked.replaceSubrange(4..<8, with: little(marked.count - 8))
    return marked
  }
}
