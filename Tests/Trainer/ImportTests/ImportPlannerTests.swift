import Catalogue
import Diagnostics
import Foundation
import KitBuilder
import Posix
import Testing

@testable import Import

@Suite struct ImportPlannerTests {
  private func row(_ plan: ImportPlan, _ name: String) throws -> ImportPlan.Row {
    try #require(plan.rows.first { $0.name == name }, "\(plan.rows.map(\.name))")
  }

  @Test("a plan shows the destination of each file with the reasons, and the obstacles")
  func plan() throws {
    let fixture = try ImportFixture(["ro", "es"])
    try fixture.put("ro_03.wav", sound: 1)
    try fixture.put("es 13 f1.wav", sound: 2)
    try fixture.put("km 03.wav", sound: 3)
    try fixture.put("notes.txt", Array("hello".utf8))
    try fixture.put("broken ro 14.wav", Array("RIFF".utf8))
    try fixture.put("__MACOSX/._ro_03.wav", [1])
    let (plan, _) = try fixture.plan()
    #expect(plan.leftOut.map(\.name) == ["notes.txt"])
    #expect(try row(plan, "ro_03.wav").doubts == ["the voice is unknown: use --voice f1"])
    let spanish = try row(plan, "es 13 f1.wav")
    #expect(spanish.fate == .new && spanish.placement?.path(ending: "wav") == "recordings/es/f1/13-need-doctor.wav")
    #expect(spanish.reasons == ["'es'", "'f1'", "number 13"])
    #expect(try row(plan, "km 03.wav").doubts[0].hasPrefix("the project has no Khmer: add \"km\""))
    #expect(try row(plan, "broken ro 14.wav").fate == .unusable)
    #expect(plan.remarks.count == 1 && plan.remarks[0].contains("es/f1"))
  }

  @Test("an option applies to all files, and a name that contradicts it is a doubt")
  func options() throws {
    let fixture = try ImportFixture(["ro", "es"])
    try fixture.put("03.wav", sound: 1)
    try fixture.put("es 13.wav", sound: 2)
    try fixture.put("14 (Turkish).wav", sound: 3)
    try fixture.put("m1 16.wav", sound: 4)
    let (plan, _) = try fixture.plan {
      $0.language = "ro"
      $0.voice = "f1"
    }
    #expect(try row(plan, "03.wav").fate == .new)
    #expect(try row(plan, "es 13.wav").doubts == ["'es' says Spanish, --language says Romanian"])
    #expect(try row(plan, "14 (Turkish).wav").doubts[0].contains("Turkish"))
    #expect(try row(plan, "m1 16.wav").doubts == ["--voice says f1, 'm1' says m1"])
  }

  @Test("the voice comes from the speakers, and one whose consent is withdrawn is a doubt")
  func speakers() throws {
    func speaker(_ name: String, _ voice: String, _ more: String = "") -> String {
      "  - {pseudonym: \"\(name)\", language: \"ro\", voice: \(voice), consent: 2026-04-30, licence: \"k\", "
        + "contact: \"a@example.org\"\(more)}\n"
    }
    let fixture = try ImportFixture(
      ["ro"],
      speakers: "speakers:\n" + speaker("Iris", "f1") + speaker("Vlad", "m1", ", withdrawn: 2026-05-01"))
    try fixture.put("03.wav", sound: 1)
    try fixture.put("13 m1.wav", sound: 2)
    let (plan, _) = try fixture.plan()
    #expect(try row(plan, "03.wav").reasons == ["the project's only language", "the only speaker", "number 3"])
    #expect(try row(plan, "13 m1.wav").doubts == ["'Vlad' withdrew consent on 2026-05-01"])
    #expect(throws: DiagnosticsError.self) { try fixture.plan { $0.speaker = "Irs" } }
    let (named, _) = try fixture.plan { $0.speaker = "iris" }
    #expect(try row(named, "03.wav").voice == "f1")
    #expect(try row(named, "13 m1.wav").doubts == ["--speaker says f1, 'm1' says m1"])
  }

  @Test("two files for one place and one file for two places need a decision")
  func doubles() throws {
    let fixture = try ImportFixture(["ro"])
    try fixture.put("f1/03 take 1.wav", sound: 1)
    try fixture.put("f1/03 take 2.wav", sound: 2)
    try fixture.put("f1/13.wav", sound: 3)
    try fixture.put("f1/14.wav", sound: 3)
    try fixture.put("f1/16.wav", sound: 4)
    try fixture.put("f1/16 copy.wav", sound: 4)
    let (plan, _) = try fixture.plan()
    #expect(plan.placed.map(\.name) == ["f1/16 copy.wav"])
    #expect(
      try row(plan, "f1/03 take 1.wav").doubts == [
        "has the same language, prompt and voice as f1/03 take 2.wav: choose one with --map"
      ])
    #expect(try row(plan, "f1/13.wav").doubts == ["has the same content as f1/14.wav"])
    #expect(try row(plan, "f1/16.wav").fate == .known("the same as f1/16 copy.wav"))
  }

  @Test("numbers that may only count the files are doubted")
  func counts() throws {
    let fixture = try ImportFixture(["ro"], prompts: ["safe-here", "need-doctor", "thank-you"])
    for number in 1...3 { try fixture.put("f1/0\(number).wav", sound: number) }
    let (plan, _) = try fixture.plan()
    #expect(plan.placed.isEmpty)
    #expect(try row(plan, "f1/03.wav").doubts[0].hasPrefix("numbers 1 to 3 may count the files"))
    let (trusted, _) = try fixture.plan { $0.trustsNumbers = true }
    #expect(trusted.placed.map(\.name) == ["f1/03.wav"])
  }

  @Test("a map overrides the names, and a written map gives the same plan")
  func map() throws {
    let fixture = try ImportFixture(["ro", "es"])
    try fixture.put("a/one.wav", sound: 1)
    try fixture.put("a/two, es.wav", sound: 2)
    try fixture.put("a/ro 14.wav", sound: 3)
    try fixture.put("three.wav", sound: 4, seconds: 4)
    let text = """
      File;Language;Prompt;Voice;start;end
      one.wav;Romanian;safe here;f1;;
      "a/two, es.wav";es;13;m1;;
      ro 14.wav;;-;;;
      three.wav;ro;16;f1;0:00,2;1.5
      three.wav;ro;17;f1;1.6;3
      four.wav;ro;18;f1;;
      """
    let map = try fixture.put("map.csv", Array(text.utf8))
    let (plan, _) = try fixture.plan { $0.map = try ImportMap(reading: map) }
    #expect(plan.placed.count == 4)
    #expect(try row(plan, "a/one.wav").prompt?.id == "safe-here")
    #expect(try row(plan, "a/ro 14.wav").fate == .leftOut)
    #expect(plan.rows.filter { $0.name == "three.wav" }.map(\.piece) == [0.2..<1.5, 1.6..<3])
    #expect(plan.leftOut.map(\.reason) == ["has no recognised audio file extension", "the source has no such file"])
    let again = try ImportMap(Array(plan.map.utf8), path: "again.csv")
    #expect(again.rows.count == plan.rows.count)
    let (same, _) = try fixture.plan { $0.map = again }
    #expect(same.rows.map(\.placement) == plan.rows.map(\.placement))
    #expect(same.rows.map(\.fate) == plan.rows.map(\.fate))
  }

  @Test(
    "a fault in a map is reported with its line",
    arguments: [
      ("language,prompt\nro,3\n", "map.csv:1: its first row does not name the column 'file'"),
      ("file,start,end\na.wav,1,\n", "map.csv:2: it has only one of 'start' and 'end'"),
      ("file,start,end\na.wav,2,1\n", "map.csv:2: it ends before it starts"),
      ("file,start,end\na.wav,x,1\n", "map.csv:2: its start is 'x', not a time"),
      ("file,prompt\n,3\n", "map.csv:2: this row names no file"),
      ("file\n\"a", "map.csv:2: a quotation mark is not closed"),
      ("file\n\u{0}\u{FFFE}", ""),
    ])
  func wrongMap(_ text: String, _ message: String) throws {
    do {
      _ = try ImportMap(Array(text.utf8), path: "map.csv")
      #expect(message.isEmpty)
    } catch { #expect("\(error)".hasPrefix(message) && !message.isEmpty, "\(error)") }
  }

  @Test("a map that is not UTF-8 is refused")
  func encoding() throws {
    #expect(throws: DiagnosticsError.self) { try ImportMap([0x66, 0xE4], path: "map.csv") }
  }
}

@Suite struct SourceTests {
  @Test("a directory is read eight levels deep, and links to directories are not followed")
  func directory() throws {
    let fixture = try ImportFixture(["ro"])
    try fixture.put("a/b/03.wav")
    #expect(symlink(fixture.given, "\(fixture.given)/a/round") == 0)
    #expect(symlink("nowhere", "\(fixture.given)/14.wav") == 0)
    #expect(mkfifo("\(fixture.given)/16.wav", 0o600) == 0)
    try fixture.put((0..<10).map { "\($0)/" }.joined() + "17.wav")
    let source = try Source(fixture.given)
    #expect(source.files.map(\.name) == ["a/b/03.wav"])
    #expect(source.leftOut.map(\.name) == ["0/1/2/3/4/5/6/7/8", "14.wav", "16.wav", "a/round"])
  }

  @Test("the project itself is refused as a source, and skipped in a directory that contains it")
  func project() throws {
    let fixture = try ImportFixture(["ro"])
    try Files.create("\(fixture.project)/03.wav", with: [1])
    #expect(throws: DiagnosticsError.self) { try Source(fixture.project, except: [fixture.project + "/."]) }
    #expect(try Source(fixture.directory, except: [fixture.project]).files.isEmpty)
  }

  @Test(
    "a ZIP archive is read without using its names as paths",
    .enabled(if: ImportFixture.has("zip") && ImportFixture.has("python3")))
  func zip() throws {
    let fixture = try ImportFixture(["ro"])
    try fixture.put("x/ro/03 safe here.wav", sound: 1)
    try fixture.put("x/ro/14.wav", sound: 2)
    let script = """
      import zipfile
      a = open('x/ro/03 safe here.wav', 'rb').read(); b = open('x/ro/14.wav', 'rb').read()
      z = zipfile.ZipFile('given.zip', 'w', zipfile.ZIP_DEFLATED)
      z.writestr('../../../../tmp/f1/ro 13.wav', a)
      z.writestr('/etc/f1 ro 16.wav', b)
      z.writestr('__MACOSX/._f1 ro 16.wav', b)
      z.writestr('f1/inner.zip', b'PK')
      z.writestr('f1/rom\\u00e2n\\u0103 17.wav', a + b)
      i = zipfile.ZipInfo('f1/link ro 18.wav'); i.create_system = 3; i.external_attr = 0o120777 << 16
      z.writestr(i, '/etc/passwd')
      z.writestr('f1/', b'')
      z.close()
      """
    #expect(try fixture.run("python3", ["-c", script]) == 0)
    let (plan, source) = try fixture.plan(from: "\(fixture.given)/given.zip")
    #expect(source.files.map(\.name) == ["../../../../tmp/f1/ro 13.wav", "/etc/f1 ro 16.wav", "f1/română 17.wav"])
    #expect(source.leftOut.map(\.name) == ["f1/inner.zip", "f1/link ro 18.wav"])
    #expect(plan.placed.map { $0.prompt?.number } == [13, 16, 17])
    let lines = try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    #expect(
      lines.map(\.path) == [
        "recordings/ro/f1/13-need-doctor.wav", "recordings/ro/f1/16-need-medicine.wav",
        "recordings/ro/f1/17-pregnant.wav",
      ])
    #expect(try Files.read("\(fixture.project)/\(lines[1].path)") == Files.read("\(fixture.given)/x/ro/14.wav"))
  }

  @Test(
    "the entries of a ZIP archive that claim 2^63 bytes each are left out",
    .enabled(if: ImportFixture.has("python3")))
  func hugeEntries() throws {
    let fixture = try ImportFixture(["ro"])
    let script = """
      import struct
      body, directory = b'', b''
      for name in [b'f1 ro 13.wav', b'f1 ro 14.wav']:
        extra = struct.pack('<HHQ', 1, 8, 2**63 - 1)
        offset = len(body)
        body += struct.pack('<IHHHHHIIIHH', 0x04034b50, 45, 0, 8, 0, 33, 0, 2, 0xFFFFFFFF, len(name), len(extra))
        body += name + extra + b'\\x03\\x00'
        directory += struct.pack('<IHHHHHHIIIHHHHHII', 0x02014b50, 45, 45, 0, 8, 0, 33, 0, 2, 0xFFFFFFFF,
          len(name), len(extra), 0, 0, 0, 0, offset) + name + extra
      end = struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, 2, 2, len(directory), len(body), 0)
      open('huge.zip', 'wb').write(body + directory + end)
      """
    #expect(try fixture.run("python3", ["-c", script]) == 0)
    let source = try Source("\(fixture.given)/huge.zip")
    #expect(source.files.isEmpty)
    #expect(source.leftOut.map(\.name) == ["f1 ro 13.wav", "f1 ro 14.wav"])
  }

  @Test(
    "encrypted, damaged and false ZIP archives, and other archive formats, are reported on one line",
    .enabled(if: ImportFixture.has("zip")))
  func badZip() throws {
    let fixture = try ImportFixture(["ro"])
    try fixture.put("f1 03.wav")
    #expect(try fixture.run("zip", ["-q", "-P", "secret", "locked.zip", "f1 03.wav"]) == 0)
    let locked = try Source("\(fixture.given)/locked.zip")
    #expect(locked.files.isEmpty && locked.leftOut[0].reason.contains("encrypted"))
    #expect(try fixture.run("zip", ["-q", "whole.zip", "f1 03.wav"]) == 0)
    var bytes = try Files.read("\(fixture.given)/whole.zip")
    try fixture.put("short.zip", Array(bytes.dropLast(30)))
    #expect(throws: DiagnosticsError.self) { try Source("\(fixture.given)/short.zip") }
    // Damages the compressed data.
    for index in 200..<400 { bytes[index] ^= 0x5A }
    try fixture.put("spoilt.zip", bytes)
    let (plan, _) = try fixture.plan(from: "\(fixture.given)/spoilt.zip")
    #expect(plan.rows.map(\.fate) == [.unusable] && plan.rows[0].doubts[0].contains("is damaged"))
    try fixture.put("a.7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])
    do {
      _ = try Source("\(fixture.given)/a.7z")
      Issue.record("it was read")
    } catch { #expect("\(error)".contains("is a 7z archive")) }
    #expect(throws: DiagnosticsError.self) { try Source("\(fixture.given)/nothing") }
    #expect(throws: DiagnosticsError.self) { try Source("/dev/null") }
  }

  @Test(
    "audio in other formats is copied, or converted to WAV by ffmpeg",
    .enabled(if: ImportFixture.has("sox") && ImportFixture.has("ffmpeg"), "sox or ffmpeg is not installed"))
  func forms() throws {
    let fixture = try ImportFixture(["ro"])
    try fixture.put("f1 03.wav")
    #expect(try fixture.run("sox", ["f1 03.wav", "f1 13.flac"]) == 0)
    #expect(try fixture.run("ffmpeg", ["-v", "error", "-i", "f1 03.wav", "-c:a", "aac", "f1 14.m4a"]) == 0)
    #expect(
      try fixture.run("ffmpeg", ["-v", "error", "-i", "f1 03.wav", "-f", "mp3", "-c:a", "libmp3lame", "f1 16.mp3"]) == 0
    )
    try fixture.put("f1 17.m4a", Array("not audio".utf8))
    let (plan, source) = try fixture.plan()
    // FLAC of the same samples is a different file: the samples are not compared.
    #expect(plan.placed.map { $0.prompt?.number } == [3, 13, 14, 16])
    #expect(plan.rows.last?.fate == .unusable)
    let lines = try ImportTransaction(fixture.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    let endings = lines.map { String($0.path.suffix(4)) }
    #expect(endings[0] == ".wav" && endings[1] == "flac" && endings[2] == ".wav")
    #expect(lines[2].sha256 != lines[2].recording && lines[1].sha256 == lines[1].recording)
    #expect(try abs(Recording(path: "\(fixture.project)/\(lines[2].path)").duration - 1.6) < 0.1)
  }

  @Test(
    "an entry that unpacks to more than any recording has is left out, and no byte of it is unpacked",
    .enabled(if: ImportFixture.has("python3")))
  func bomb() throws {
    let fixture = try ImportFixture(["ro"])
    let script = """
      import zipfile
      z = zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED, compresslevel=1)
      with z.open('f1/03.wav', 'w', force_zip64=True) as f:
          for _ in range(1100): f.write(bytes(1 << 20))
      z.writestr('f1/13.wav', b'RIFF')
      """
    #expect(try fixture.run("python3", ["-c", script]) == 0)
    let source = try Source("\(fixture.given)/bomb.zip")
    #expect(source.files.map(\.name) == ["f1/13.wav"])
    #expect(source.leftOut.map(\.reason) == ["unpacks to more than 1024 MiB: if you trust it, unpack it yourself"])
  }
}
