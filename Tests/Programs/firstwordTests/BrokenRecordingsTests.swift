import Encoding
import Foundation
import FoundationXML
import Glibc
import KitBuilder
import Posix
import TestSupport
import Testing

/// A project full of files that are no recordings, or no longer: whatever people copy, break off, rename and link.
@Suite("Broken recordings")
struct BrokenRecordingsTests {
  private enum Expected {
    /// One error with one of these codes.
    case error(Set<String>)
    /// It can be used.
    case fine
    /// A damaged place that may or may not matter: at most one error.
    case either
  }

  private static let cut = Expected.error(["truncated", "not-sound", "empty"])
  private static let noSound = Expected.error(["not-sound", "truncated", "empty", "channels", "rate"])

  private final class Heap {
    let place: Workplace
    var cases: [(path: String, what: String, expected: Expected)] = []

    init() throws { place = try Workplace() }

    /// A path of its own: a voice for each.
    func path(_ what: String, _ expected: Expected, _ ending: String = "wav") throws -> String {
      let path = "p/recordings/ro/v\(cases.count)/03-safe-here.\(ending)"
      try Files.makeDirectory(Path("\(place.directory)/\(path)").parent)
      cases.append((path, what, expected))
      return "\(place.directory)/\(path)"
    }

    func add(_ what: String, _ bytes: [UInt8], _ expected: Expected, _ ending: String = "wav") throws {
      try Data(bytes).write(to: URL(fileURLWithPath: path(what, expected, ending)))
    }
  }

  // MARK: - Making them

  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func header(
    format: Int = 1, channels: Int = 1, rate: Int = 16_000, bits: Int = 16, data: Int
  ) -> [UInt8] {
    let frame = channels * bits / 8
    return Array("RIFF".utf8) + little(36 + data, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(format, 2)
      + little(channels, 2) + little(rate, 4) + little(rate * frame, 4) + little(frame, 2) + little(bits, 2)
      + Array("data".utf8) + little(data, 4)
  }

  /// Two seconds of a buzz in syllables.
  private static let sound: [Float] = (0..<32_000).map { index in
    let time = Double(index) / 16_000
    let saw = (time * 130).truncatingRemainder(dividingBy: 1) - 0.5
    return Float(0.3 * saw * max(0, sin(2 * .pi * 2 * time)))
  }

  private static let pcm = sound.flatMap { little(Int($0 * 32_767), 2) }
  private static let whole = header(data: pcm.count) + pcm

  private static func floats(_ values: [Float]) -> [UInt8] {
    header(format: 3, bits: 32, data: 4 * values.count) + values.flatMap { little(Int($0.bitPattern), 4) }
  }

  private func fill(_ heap: Heap) throws {
    let whole = Self.whole
    try heap.add("whole", whole, .fine)
    // WAV cut at every byte of its header and in its sound.
    for count in Array(1..<44) + [45, 46, 100, 1_001, whole.count / 2, whole.count - 2, whole.count - 1] {
      try heap.add("wav cut at \(count)", Array(whole.prefix(count)), Self.cut)
    }
    try heap.add("wav with no data", Self.header(data: 0), Self.cut)
    for index in 0..<44 {
      var bytes = whole
      bytes[index] = 0xFF
      try heap.add("wav with byte \(index) spoiled", bytes, .either)
      bytes[index] = 0
      try heap.add("wav with byte \(index) zeroed", bytes, .either)
    }
    let opus = try OpusEncoder.encode(
      Self.sound, rate: 16_000,
      tags: ClipTags(title: "", language: "ro", voice: "f1", prompt: "p", status: "DRAFT", synthetic: false), serial: 1,
      settings: EncoderSettings())
    try heap.add("opus", opus, .fine, "opus")
    for part in 1..<16 {
      try heap.add("opus cut", Array(opus.prefix(opus.count * part / 16)), Self.noSound, "opus")
    }
    try addSizes(heap)
    try addFormats(heap)
    try addRubbish(heap)
    try addNodes(heap)
    try addNames(heap)
  }

  private func addSizes(_ heap: Heap) throws {
    let whole = Self.whole
    func patched(_ offset: Int, _ value: Int) -> [UInt8] {
      var bytes = whole
      bytes.replaceSubrange(offset..<offset + 4, with: Self.little(value, 4))
      return bytes
    }
    try heap.add("format chunk of 4 GB", patched(16, 0xFFFF_FFFF), Self.cut)
    try heap.add("format chunk of 0", patched(16, 0), .either)
    try heap.add("data chunk of 2 GB less a bit", patched(40, 0x7FFE_0000), Self.cut)
    try heap.add("data chunk of unknown length", patched(40, 0xFFFF_FFFF), .either)
    for name in ["LIST", "junk", "bext", "cue ", "smpl", "id3 "] {
      for size in [0xFFFF_FFFF, 0x7FFF_FFFF, 0x0100_0000] {
        try heap.add("\(name) of \(size)", whole + Array(name.utf8) + Self.little(size, 4) + [1, 2, 3, 4], .either)
      }
    }
    let empty = Array("junk".utf8) + Self.little(0, 4)
    try heap.add("a hundred thousand chunks", whole + (0..<100_000).flatMap { _ in empty }, .fine)
    // Three hours, though nothing was written to the disk.
    let hours = 3 * 3600 * 48_000 * 2
    try sparse(heap, "three hours", Self.header(rate: 48_000, data: hours), hours + 44, ["too-long"])
    try sparse(
      heap, "a sound and a gigabyte", whole + Array("junk".utf8) + Self.little(1 << 30, 4), (1 << 30) + whole.count + 8,
      ["too-large"])
    try sparse(heap, "a gigabyte of nothing", [], 1 << 30, ["not-sound"])
  }

  private func sparse(_ heap: Heap, _ what: String, _ head: [UInt8], _ size: Int, _ codes: Set<String>) throws {
    let path = try heap.path(what, .error(codes))
    try Data(head).write(to: URL(fileURLWithPath: path))
    #expect(truncate(path, off_t(size)) == 0)
  }

  private func addFormats(_ heap: Heap) throws {
    let pcm = Self.pcm
    for (channels, rate, code) in [
      (8, 192_000, "channels"), (3, 48_000, "channels"), (1, 384_000, "rate"), (1, 4_000, "rate"), (1, 1, "rate"),
    ] {
      try heap.add(
        "\(channels) channels of \(rate) Hz",
        Self.header(channels: channels, rate: rate, data: pcm.count / 48 * 48) + pcm.prefix(pcm.count / 48 * 48),
        .error([code]))
    }
    for (channels, rate, bits, format) in [
      (0, 16_000, 16, 1), (65_535, 16_000, 16, 1), (1, 0, 16, 1), (1, 16_000, 0, 1), (1, 16_000, 1, 1),
      (1, 16_000, 65_535, 1), (1, 16_000, 16, 0), (1, 16_000, 16, 0x55), (1, 16_000, 4, 0x11), (2, 16_000, 4, 2),
    ] {
      let head = Self.header(format: format, channels: channels, rate: rate, bits: bits, data: pcm.count)
      try heap.add("format \(format), \(channels) channels, \(rate) Hz, \(bits) bits", head + pcm, .either)
    }
    for value in [Float.nan, .infinity, -.infinity, .signalingNaN] {
      var values = Self.sound
      values[20_000] = value
      try heap.add("\(value)", Self.floats(values), .error(["not-a-number"]))
    }
    try heap.add("all NaN", Self.floats(Self.sound.map { _ in .nan }), .error(["not-a-number"]))
    try heap.add("floats as whole numbers", Self.floats(Self.sound.map { $0 * 32_768 }), .error(["scale"]))
    try heap.add("the greatest floats", Self.floats(Self.sound.map { $0 < 0 ? -3e38 : 3e38 }), .error(["scale"]))
    try heap.add(
      "the smallest floats", Self.floats(Self.sound.map { _ in Float.leastNonzeroMagnitude }), .error(["silent"]))
    try heap.add("full scale from end to end", Self.floats(Self.sound.map { _ in 1 }), .either)
    try heap.add("one frame", Self.header(data: 2) + [1, 2], .error(["silent"]))
    try heap.add("silence", Self.header(data: pcm.count) + pcm.map { _ in 0 }, .error(["silent"]))
  }

  private func addRubbish(_ heap: Heap) throws {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    let random = (0..<20_000).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    for ending in RecordingTree.extensions.sorted() {
      try heap.add("random bytes", random, .either, ending)
      try heap.add("a text", Array("Not a sound, but a note.\n".utf8), Self.noSound, ending)
      try heap.add("nothing", [], .error(["empty"]), ending)
    }
    for magic in ["OggS", "fLaC", "FORM", "ID3\u{3}", ".snd", "caff", "riff", "RF64", "PK\u{3}\u{4}", "\u{1}PNG"] {
      try heap.add("a beginning of \(magic)", Array(magic.utf8) + random, .either)
    }
  }

  private func addNodes(_ heap: Heap) throws {
    try Files.makeDirectory(heap.path("a directory", .error(["not-a-file"])))
    let fifo = try heap.path("a FIFO", .error(["not-a-file"]))
    #expect(mkfifo(fifo, 0o600) == 0)
    let links: [(String, String, String)] = [
      ("a device", "/dev/zero", "not-a-file"), ("a broken link", "/nowhere", "missing"),
      ("a link to itself", "03-safe-here.wav", "unreadable"), ("a link to a directory", "..", "not-a-file"),
    ]
    for (what, target, code) in links {
      let path = try heap.path(what, .error([code]))
      #expect(symlink(target, path) == 0)
    }
    let descriptor = FileDescriptor(owning: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = try heap.path("a socket", .error(["not-a-file"]))
    #expect(path.utf8.count < 108)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    if geteuid() != 0 {
      let path = try heap.path("no right to read", .error(["unreadable"]))
      try Data(Self.whole).write(to: URL(fileURLWithPath: path))
      #expect(chmod(path, 0) == 0)
    } else {
      print("SKIPPED, because root may read everything: a recording without the right to read it")
    }
  }

  /// Names that nobody looks for: each one a warning, on one line.
  private static let names = [
    "03\nsafe.wav", "03-safe-here.wav\n", "\u{202E}03-safe-here.wav", "سلامت.wav", "03-safe-here", "a.wav.wav",
    "<script>alert(1)<script>.wav", "\"quoted' & co.wav", "\u{1B}[31mred.wav", "03-safe-here.wav.exe",
    String(repeating: "long", count: 60) + ".wav", "-rf.wav", "99999999999999999999.wav",
  ]

  private func addNames(_ heap: Heap) throws {
    let directory = "\(heap.place.directory)/p/recordings/ro/names"
    try Files.makeDirectory(directory)
    for name in Self.names { try Data(Self.whole).write(to: URL(fileURLWithPath: "\(directory)/\(name)")) }
    // No UTF-8.
    let descriptor = (Array(directory.utf8) + [0x2F, 0xFF, 0xFE, 0x2E, 0x77, 0x61, 0x76, 0]).withUnsafeBufferPointer {
      $0.withMemoryRebound(to: CChar.self) { creat($0.baseAddress!, 0o644) }
    }
    #expect(descriptor >= 0)
    close(descriptor)
    let recordings = "\(heap.place.directory)/p/recordings"
    #expect(symlink(".", "\(recordings)/ro/circle") == 0)
    #expect(symlink("..", "\(recordings)/ro/up") == 0)
    #expect(symlink("ro", "\(recordings)/bg") == 0)
    #expect(symlink("../../../..", "\(recordings)/ro/far") == 0)
  }

  // MARK: - Looking at them

  private struct Report: Decodable {
    struct Finding: Decodable {
      var code: String
      var severity: String
      var path: String
    }
    var findings: [Finding]
  }

  /// Three languages and one prompt, so that the catalogue's own words play no part.
  private static func writeCatalogue(in place: Workplace) throws {
    func put(_ name: String, _ text: String) throws {
      try Files.makeDirectory(Path("\(place.directory)/c/\(name)").parent)
      try Files.replace("\(place.directory)/c/\(name)", with: Array(text.utf8))
    }
    try put(
      "Prompts/03-safe-here.yaml",
      """
      number: 3
      id: safe-here
      module: opening
      audience: all
      answer: none
      jurisdiction: false
      title: "Safe here"
      caution: ""
      length: 2

      """)
    for (number, tag, role) in [(0, "en", "source"), (6, "bg", "listener"), (29, "ro", "listener")] {
      try put(
        "Languages/\(tag).yaml",
        """
        number: \(number)
        tag: "\(tag)"
        english: Language \(number)
        autonym: "Name \(number)"
        script: Latn
        direction: ltr
        role: \(role)
        regions: [GB]
        fallback: []
        voice: null
        rate: 13
        drafted: machine
        wordings:
          safe-here:
            text: "You are safe here."

        """)
    }
  }

  @Test(
    "each have one finding; nothing crashes, hangs or takes much memory; the page and the XML are whole",
    .disabled(if: Sanitizer.isOn, "a sanitizer takes much memory itself"))
  func all() throws {
    let heap = try Heap()
    try Self.writeCatalogue(in: heap.place)
    #expect(try heap.place.run("new", "p", "--languages", "ro", "--catalogue", "c").status == 0)
    try fill(heap)
    #expect(heap.cases.count > 200)
    let outcome = try Program.run(
      ["check", "p", "--catalogue", "c", "--json", "--html", "p.html", "--junit", "p.xml"], in: heap.place.directory,
      bounded: true)
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    let report = try Documents.decode(Report.self, from: Array(outcome.output.utf8))
    let errors = Dictionary(grouping: report.findings.filter { $0.severity == "error" }, by: \.path)
    for (path, what, expected) in heap.cases {
      let codes = errors[path, default: []].map(\.code)
      switch expected {
      case .error(let allowed): #expect(codes.count == 1 && allowed.isSuperset(of: codes), "\(what): \(codes)")
      case .fine: #expect(codes == [], "\(what)")
      case .either: #expect(codes.count <= 1, "\(what): \(codes)")
      }
    }
    for name in Self.names {
      let found = report.findings.filter { $0.path == "p/recordings/ro/names/\(name)" }
      #expect(found.map(\.severity) == ["warning"], "\(name)")
    }
    for file in ["p.html", "p.xml"] {
      let text = String(decoding: try Files.read("\(heap.place.directory)/\(file)"), as: UTF8.self)
      let parser = XMLParser(data: Data(text.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "").utf8))
      #expect(parser.parse(), "\(file):\(parser.lineNumber): \(String(describing: parser.parserError))")
      #expect(!text.contains("<script>alert") && !text.contains("\u{202E}") && !text.contains("\u{1B}"))
    }
    // For people: a line each, and no control characters.
    let shown = try Program.run(["check", "p", "--catalogue", "c"], in: heap.place.directory, bounded: true)
    #expect(shown.status == 1)
    #expect(!shown.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202E })
    let lines = shown.output.split(separator: "\n").filter { $0.contains("/ro/names/") }
    #expect(lines.count == Self.names.count + 1)
  }

  @Test("a project that cannot be checked is 2, with one line, and leaves no page")
  func impossible() throws {
    let place = try Workplace()
    try Self.writeCatalogue(in: place)
    for (name, text) in [
      ("none", nil), ("broken", "name: [\n"), ("wrong", "name: a\nversion: \"1\"\nlanguages: [\"xx\"]\n"),
    ] {
      try Files.makeDirectory("\(place.directory)/\(name)")
      if let text { try Files.replace("\(place.directory)/\(name)/kit.yaml", with: Array(text.utf8)) }
      let outcome = try place.run("check", name, "--catalogue", "c", "--html", "p.html", "--junit", "p.xml")
      #expect(outcome.status == 2)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
      #expect(!Files.exists("\(place.directory)/p.html") && !Files.exists("\(place.directory)/p.xml"))
    }
    #expect(try place.run("check", "nowhere", "--catalogue", "c").status == 2)
    #expect(try place.run("new", "p", "--languages", "ro", "--catalogue", "c").status == 0)
    let outcome = try place.run("check", "p", "--catalogue", "c", "--html", "no/such/directory/p.html")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("no/such/directory/p.html"))
  }
}
