import Board
import BoardJSON
import Channel
import ChannelPublisher
import Console
import Encoding
import Glibc
import Journal
import KitBuilder
import KitDelta
import Opus
import Posix
import Project
import Scenarios
import Stick
import Sync
import Translation

@testable import Catalogue
@testable import Control
@testable import Distribution
@testable import Image
@testable import Import
@testable import Kit
@testable import Slots
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
  case receipt, delta, system, slots, stick
  case baseImage = "base-image"
  case channelSettings = "channel-settings"

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
    case .receipt:
      precondition((try? Receipt(file: bytes)) == nil)
      if let receipt = try? Documents.decode(Receipt.self, from: bytes), (try? receipt.validate()) != nil {
        precondition(receipt.key != nil)
      }
      if let value = try? JSONValue(parsing: bytes) {
        let content = TargetContent(custom: value)
        precondition(TargetContent(custom: content.custom) == content)
      }
    case .delta: Server.rebuild(bytes)
    case .system: Update.read(bytes)
    case .slots: Card.read(bytes)
    case .stick:
      _ = StickFileSystem(header: bytes)
      for name in bytes.split(separator: 0x2F).prefix(20) {
        let text = String(decoding: name, as: UTF8.self)
        guard StickListing.kind(of: text) != nil else { continue }
        precondition(!text.hasPrefix(".") && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
      }
      let report = bytes.split(separator: 0x0A).reduce(into: StickReport()) {
        $0.add(.refused, String(decoding: $1, as: UTF8.self))
      }
      precondition(report.summary.utf8.count < 4096 / 2)
    case .baseImage: Base.read(bytes)
    case .channelSettings:
      _ = try? SyncConfiguration(json: bytes)
      _ = try? Documents.decode(ChannelSettings.self, from: bytes)
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

  func path(_ bytes: [UInt8]) -> String { path([(0, bytes)], size: bytes.count) }

  /// The file with bytes at offsets, and zeros elsewhere.
  func path(_ parts: [(offset: Int, bytes: [UInt8])], size: Int) -> String {
    precondition(ftruncate(file.raw, 0) == 0)
    for part in parts {
      precondition(pwrite(file.raw, part.bytes, part.bytes.count, part.offset) == part.bytes.count)
    }
    precondition(ftruncate(file.raw, size) == 0)
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

/// A server whose kit is the input, and a device with the kit that Tests/fuzz passes. What is rebuilt is the input.
enum Server {
  private struct Source: RangedSource {
    let bytes: [UInt8]
    var fetched = 0

    mutating func read(_ range: Range<Int>) -> [UInt8]? {
      precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
      fetched += range.count
      return Array(bytes[range])
    }
  }

  nonisolated(unsafe) private static let kits: [KitFile] =
    getenv("FIRSTWORD_FUZZ_KIT").flatMap { try? KitFile(path: String(cString: $0)) }.map { [$0] } ?? []
  private static let target = try! FileDescriptor(
    opening: "/dev/shm/firstword-fuzz-rebuilt-\(getpid())", O_RDWR | O_CREAT | O_TRUNC)

  static func rebuild(_ bytes: [UInt8]) {
    unlink("/dev/shm/firstword-fuzz-rebuilt-\(getpid())")
    precondition(ftruncate(target.raw, 0) == 0 && lseek(target.raw, 0, SEEK_SET) == 0)
    var source = Source(bytes: bytes)
    let result = try! KitDelta.rebuild(
      size: bytes.count, sha256: Digest.sha256(bytes), from: &source, using: kits, into: target)
    precondition(source.fetched <= bytes.count)
    if case .rebuilt(let requests, let fetched) = result {
      precondition(requests <= DeltaPlanner.requestLimit && fetched == source.fetched)
      precondition((try? target.read(bytes.count, at: 0)) == bytes)
    }
  }
}

/// The input as the header of an update, with as many zeros after it as its manifest asks for.
enum Update {
  static func read(_ bytes: [UInt8]) {
    var size = SystemFile.header
    if let end = bytes.firstIndex(of: 0x0A) {
      let text = bytes[(end + 1)...].prefix { $0 != 0x0A && $0 != 0 }
      if let manifest = try? Documents.decode(SystemManifest.self, from: Array(text)), (try? manifest.validate()) != nil
      {
        size += manifest.size
      }
    }
    let path = File.shared.path([(0, Array(bytes.prefix(SystemFile.header)))], size: size)
    guard let update = try? SystemFile(path: path) else { return }
    precondition((try? update.signer(trustedBy: TrustedKeys([Fixed.key]))) == nil)
    precondition((try? update.image(4096, at: 0)) != nil)
    precondition((try? update.image(1, at: update.manifest.size)) == nil)
  }
}

/// The input as the beginning of a card: its partition table, the lines of its state and trailers, its description.
enum Card {
  private final class Medium: SlotMedium {
    let size = 64 << 20
    let parts: [(offset: Int, bytes: [UInt8])]

    init(_ parts: [(offset: Int, bytes: [UInt8])]) { self.parts = parts }

    func read(_ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
      precondition(offset >= 0 && count >= 0 && offset + count <= size)
      var found = [UInt8](repeating: 0, count: count)
      for part in parts {
        let both = (part.offset..<part.offset + part.bytes.count).clamped(to: offset..<offset + count)
        if both.isEmpty { continue }
        found.replaceSubrange(
          both.lowerBound - offset..<both.upperBound - offset,
          with: part.bytes[both.lowerBound - part.offset..<both.upperBound - part.offset])
      }
      return found
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) { preconditionFailure("nothing is written") }

    func sync() throws(SystemError) {}
  }

  static func read(_ bytes: [UInt8]) {
    let table = Array(bytes.prefix(512))
    let lines = bytes.dropFirst(512).split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false).map(
      Array.init)
    func line(_ index: Int) -> [UInt8] { index < lines.count ? lines[index] : [] }
    // With the right sum: few inputs have it by chance.
    func sealed(_ words: [UInt8]) -> [UInt8] { Array(SlotLine.sealed(String(decoding: words, as: UTF8.self)).utf8) }
    let sectors = [line(0), line(1)].map { Array((sealed($0) + [UInt8](repeating: 0, count: 512)).prefix(512)) }
    for sector in sectors {
      if let state = SlotState(sector: sector) { precondition(SlotState(sector: state.sector) == state) }
    }
    if let trailer = SlotTrailer(sealed(line(2))) {
      precondition(SlotTrailer(trailer.bytes) == trailer && trailer.allBlocks > trailer.blocks)
    }
    _ = (SlotState(sector: bytes), SlotTrailer(bytes))
    var parts: [(offset: Int, bytes: [UInt8])] = [(0, table), (2 << 20, Array(line(3).prefix(65_536)))]
    for (offset, sector) in zip(SlotState.offsets, sectors) { parts.append((offset, sector)) }
    guard let disk = try? SlotDisk(Medium(parts), path: "card") else { return }
    _ = (try? disk.state(), try? disk.kernel())
    for slot in Slot.allCases { _ = try? disk.trailer(slot) }
  }
}

/// The input as a base image: its first sector, and its description.
enum Base {
  static func read(_ bytes: [UInt8]) {
    let size = 64 << 20
    let description = Array(bytes.dropFirst(512).prefix(BaseDescription.limit))
    let path = File.shared.path([(0, Array(bytes.prefix(512))), (BaseDescription.offset, description)], size: size)
    if let known = try? BaseDescription(json: description, size: size) {
      for partition in known.partitions {
        precondition(partition.start >= 0 && partition.start + partition.size <= size)
        precondition((0...partition.size).contains(partition.hashed))
      }
    }
    guard let image = try? BaseImage(path) else { return }
    precondition(image.description.card == nil && image.hashed <= size)
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
