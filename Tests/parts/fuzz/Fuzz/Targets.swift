import Board
import BoardJSON
import Channel
import Console
import Encoding
import Glibc
import Journal
import KitBuilder
import Opus
import Posix
import Project
import Scenarios
import Translation

@testable import Catalogue
@testable import Control
@testable import Import
@testable import Kit
@testable import Store

/// The parsers of untrusted bytes. Invalid input may cause an error, never a crash.
enum Target: String, CaseIterable {
  case kit, manifest, signature, key, opus, board, store, recall
  case prompt, language, sequence
  case boardYAML = "board-yaml"
  case project, scenario, speakers, ledger
  case po, xliff, csv
  case recording, journal, control, console, metadata
  case importNames = "import-names"
  case importMap = "import-map"
  case importZip = "import-zip"
  case postContent = "post-content"
  case postReturn = "post-return"

  nonisolated(unsafe) static var chosen = Target.kit

  func run(_ bytes: [UInt8]) {
    switch self {
    case .kit:
      guard let kit = try? KitFile(path: File.shared.path(bytes)) else { return }
      _ = try? kit.signer(trustedBy: TrustedKeys([]))
      _ = kit.faults()
    case .manifest:
      if let manifest = try? Documents.decode(KitManifest.self, from: bytes) { try? manifest.validate() }
      if let bundle = try? Documents.decode(BundleManifest.self, from: bytes) { try? bundle.validate() }
    case .signature:
      guard let signature = try? Signature(bytes) else { return }
      try? signature.verify(bytes, by: Fixed.key)
      precondition((try? Signature(signature.file)) == signature)
    case .key:
      let path = File.shared.path(bytes)
      _ = try? PublicKey(reading: path)
      _ = try? SecretKey(reading: path) { _ in nil }
    case .opus:
      guard let frames = try? ClipDecoder.decode(bytes) else { return }
      // An upper bound: 120 ms per packet, and a packet per byte.
      precondition(frames.count <= max(1, bytes.count) * 5760)
    case .board:
      guard let board = try? Board(json: bytes) else { return }
      precondition((try? Board(json: board.json())) == board)
    case .store: _ = try? StoreState(json: bytes)
    case .recall:
      if let list = try? RecallList(json: bytes) { precondition((try? RecallList(json: list.json())) == list) }
      if let rotation = try? Documents.decode(KeyRotation.self, from: bytes) { _ = rotation.newKey }
    case .prompt: Fixed.tree.read("Prompts/01-language-name.yaml", bytes)
    case .language: Fixed.tree.read("Languages/ro.yaml", bytes)
    case .sequence: Fixed.tree.read("Prompts/first-contact.yaml", bytes)
    case .boardYAML: _ = try? BoardFile.read(File.shared.path(bytes), catalogue: Fixed.catalogue)
    case .project: _ = try? ProjectFile.read(File.shared.path(bytes), catalogue: Fixed.catalogue)
    case .scenario: _ = try? ScenarioFile.read(File.shared.path(bytes), catalogue: Fixed.catalogue)
    case .speakers: _ = try? Speakers.read(File.shared.path(bytes), tags: ["ro", "en"])
    case .ledger:
      let path = File.shared.path(bytes)
      _ = try? Approvals.read(path)
      _ = try? ReviewNotes.read(path)
    case .po: _ = try? TranslationFormat.po.read(bytes, path: "input")
    case .xliff: _ = try? TranslationFormat.xliff.read(bytes, path: "input")
    case .csv: _ = try? TranslationFormat.csv.read(bytes, path: "input")
    case .recording: _ = try? Recording(path: File.shared.path(bytes))
    case .journal:
      guard let reading = try? JournalReading([File.shared.path(bytes)]) else { return }
      _ = JournalBreak.all(in: reading.entries)
      _ = reading.head
    case .control:
      var lines = LineBuffer(limit: ControlProtocol.longestLine)
      // In parts, as from a socket.
      for start in stride(from: 0, to: bytes.count, by: 37) {
        lines.append(Array(bytes[start..<min(bytes.count, start + 37)]))
        while let line = lines.next() {
          if case .whole(let text) = line { _ = try? Documents.decode(Request.self, from: text) }
        }
      }
    case .console: Presses.run(bytes)
    case .metadata:
      if let value = try? JSONValue(parsing: bytes) { precondition((try? JSONValue(parsing: value.file)) == value) }
      Follower.parse(RootRole.self, bytes)
      Follower.parse(TimestampRole.self, bytes)
      Follower.parse(SnapshotRole.self, bytes)
      Follower.parse(TargetsRole.self, bytes)
    case .importNames:
      for line in bytes.split(separator: 0x0A).prefix(20) {
        let reading = Fixed.reader.read(String(decoding: line, as: UTF8.self))
        // Certain readings name things that exist.
        if let tag = reading.language.value { precondition(Fixed.catalogue.language(tag) != nil) }
        if let id = reading.prompt.value { precondition(Fixed.catalogue.prompt(id) != nil) }
        if let voice = reading.voice.value { precondition(RecordingTree.isVoice(voice)) }
      }
    case .importMap:
      guard let map = try? ImportMap(bytes, path: "map.csv") else { return }
      for row in map.rows { precondition((row.start ?? 0) <= (row.end ?? 0)) }
    case .importZip:
      guard let source = try? Source(File.shared.path(bytes)) else { return }
      for file in source.files.prefix(4) where file.size < 1 << 20 { _ = try? source.open(file) { try Files.read($0) } }
    case .postContent:
      guard let content = try? PostContent(bytes) else { return }
      precondition(content.takes.allSatisfy { $0.file.hasPrefix("takes/") && $0.samples > 0 })
      precondition(content.kind == .review || content.consent?.pseudonym == content.name)
    case .postReturn:
      let path = File.shared.path(bytes)
      _ = PostReturn.isReturn(path)
      // Nobody can sign by chance.
      precondition((try? PostReturn(path)) == nil)
    }
  }
}

/// The input as a file in memory with a path.
final class File {
  nonisolated(unsafe) static let shared = File()
  private let file: FileDescriptor

  private init() {
    let path = "/dev/shm/firstword-fuzz-\(getpid())"
    file = try! FileDescriptor(opening: path, O_RDWR | O_CREAT | O_TRUNC)
    unlink(path)
  }

  func path(_ bytes: [UInt8]) -> String {
    precondition(ftruncate(file.raw, 0) == 0)
    precondition(pwrite(file.raw, bytes, bytes.count, 0) == bytes.count)
    return "/proc/self/fd/\(file.raw)"
  }
}

/// A small catalogue in which the input replaces one file.
final class Tree {
  let directory = "/dev/shm/firstword-fuzz-tree-\(getpid())"

  init(_ files: [String: String]) {
    for (name, text) in files {
      try! Files.makeDirectory(Path("\(directory)/\(name)").parent)
      write(name, Array(text.utf8))
    }
    atexit {
      for name in ["Prompts", "Languages"] {
        let place = "\(Fixed.tree.directory)/\(name)"
        for file in (try? Files.list(place)) ?? [] { unlink("\(place)/\(file)") }
        rmdir(place)
      }
      rmdir(Fixed.tree.directory)
    }
  }

  private func write(_ name: String, _ bytes: [UInt8]) {
    let file = try! FileDescriptor(opening: "\(directory)/\(name)", O_WRONLY | O_CREAT | O_TRUNC)
    try! file.write(bytes)
  }

  func read(_ name: String, _ bytes: [UInt8]) {
    write(name, bytes)
    _ = Validator.check(directory: directory)
  }
}

enum Fixed {
  nonisolated(unsafe) static let tree = Tree(files)
  static let catalogue = try! Catalogue.load(directory: place)
  static let key = try! SecretKey.generate().publicKey
  static let reader = NameReader(
    Workspace(
      directory: "/nowhere", catalogue: catalogue,
      project: try! ProjectFile.read(
        File.shared.path(Array(ProjectFile.text(name: "p", languages: ["ro", "ar", "km", "my"]).utf8)),
        catalogue: catalogue), approvals: Approvals()))

  /// The repository; Tests/fuzz passes its path.
  private static let place = getenv("FIRSTWORD_FUZZ_CATALOGUE").map { String(cString: $0) } ?? "."

  private static var files: [String: String] {
    let names = [
      "Prompts/01-language-name.yaml", "Prompts/02-raise-hand.yaml", "Prompts/03-safe-here.yaml", "Languages/en.yaml",
      "Languages/ro.yaml",
    ]
    var files: [String: String] = [:]
    for name in names { files[name] = String(decoding: try! Files.read("\(place)/\(name)"), as: UTF8.self) }
    return files
  }
}

/// Metadata of a channel: what parses is written and parsed again to the same signed bytes.
enum Follower {
  static func parse<Role: RoleMetadata>(_: Role.Type, _ bytes: [UInt8]) {
    guard let metadata = try? SignedMetadata<Role>(parsing: bytes) else { return }
    precondition((try? SignedMetadata<Role>(parsing: metadata.file))?.canonical == metadata.canonical)
    precondition((try? Role(metadata.role.json)) == metadata.role)
    if let targets = metadata.role as? TargetsRole {
      for role in targets.delegations?.roles.prefix(8) ?? [] { _ = role.covers("ro/a*b.kit") }
    }
  }
}

/// Presses and ends of messages in any order. After a stop no message may play.
enum Presses {
  private static let repertoire = Repertoire(
    languages: ["ro", "ti"].enumerated().map { index, tag in
      .init(
        tag: tag, number: index + 1,
        voices: [.init(name: "f1", prompts: ["language-name", "raise-hand", "wrong-language", "a", "b"])])
    },
    prompts: ["language-name", "raise-hand", "wrong-language", "a", "b", "c"].enumerated().map { index, id in
      .init(id: id, number: index + 1, module: index < 3 ? "language" : "needs", isQuestion: id == "b")
    },
    sequences: [
      KitSequence(id: "first", title: "first", steps: [.init(prompt: "a", pause: 0), .init(prompt: "b", pause: 5)])
    ])

  static func run(_ bytes: [UInt8]) {
    var console = Console(repertoire)
    var time = Monotonic(nanoseconds: 0)
    var open: [UInt32] = []
    let controls = Button.Control.allCases.map { Button.control($0) }
    let others: [Button] = [.prompt("a"), .prompt("b"), .prompt("c"), .prompt("first"), .prompt("needs"), .star]
    let buttons = controls + others + (0...9).map { .digit($0) }
    func take(_ effects: [Console.Effect]) {
      for case .play(_, let token) in effects { open.append(token) }
    }
    for byte in bytes {
      time = time.adding(milliseconds: Int(byte & 7) * 300)
      switch Int(byte) {
      case 0..<buttons.count:
        take(console.handle(.pressed(buttons[Int(byte)], at: time)))
        if buttons[Int(byte)] == .control(.stop) { precondition(console.playing == nil) }
      case 128..<160: if let end = console.deadline { take(console.handle(.passed(max(end, time)))) }
      case 160..<255:
        guard !open.isEmpty else { continue }
        let token = open.removeFirst()
        if byte & 1 == 0 { take(console.handle(.started(token, at: time))) }
        let outcome: MessageOutcome = byte & 2 == 0 ? .completed : byte & 4 == 0 ? .stopped : .failed
        take(console.handle(.ended(token, outcome, frames: 1, at: time)))
      default: break
      }
      _ = (console.indication, console.progress == nil, console.introductions, console.candidate)
    }
  }
}
