import Catalogue
import Diagnostics
import Foundation
import KitBuilder
import Posix
import Testing

@testable import Import

@Suite("A plan")
struct ImportPlannerTests {
  private func row(_ plan: ImportPlan, _ name: String) throws -> ImportPlan.Row {
    try #require(plan.rows.first { $0.name == name }, "\(plan.rows.map(\.name))")
  }

  @Test("says of each file where it goes and why, and what stands in the way")
  func plan() throws {
    let desk = try ImportFixture(["ro", "es"])
    try desk.put("ro_03.wav", sound: 1)
    try desk.put("es 13 f1.wav", sound: 2)
    try desk.put("km 03.wav", sound: 3)
    try desk.put("notes.txt", Array("hello".utf8))
    try desk.put("broken ro 14.wav", Array("RIFF".utf8))
    try desk.put("__MACOSX/._ro_03.wav", [1])
    let (plan, _) = try desk.plan()
    #expect(plan.leftOut.map(\.name) == ["notes.txt"])
    #expect(try row(plan, "ro_03.wav").doubts == ["nothing says whose voice it is: say --voice f1"])
    let spanish = try row(plan, "es 13 f1.wav")
    #expect(spanish.fate == .new && spanish.placement?.path(ending: "wav") == "recordings/es/f1/13-need-doctor.wav")
    #expect(spanish.reasons == ["'es'", "'f1'", "number 13"])
    #expect(try row(plan, "km 03.wav").doubts[0].hasPrefix("the project has no Khmer: add \"km\""))
    #expect(try row(plan, "broken ro 14.wav").fate == .unusable)
    #expect(plan.remarks.count == 1 && plan.remarks[0].contains("es/f1"))
  }

  @Test("takes what is said for all, unless a name says something else")
  func options() throws {
    let desk = try ImportFixture(["ro", "es"])
    try desk.put("03.wav", sound: 1)
    try desk.put("es 13.wav", sound: 2)
    try desk.put("14 (Turkish).wav", sound: 3)
    try desk.put("m1 16.wav", sound: 4)
    let (plan, _) = try desk.plan {
      $0.language = "ro"
      $0.voice = "f1"
    }
    #expect(try row(plan, "03.wav").fate == .new)
    #expect(try row(plan, "es 13.wav").doubts == ["'es' says Spanish, --language says Romanian"])
    #expect(try row(plan, "14 (Turkish).wav").doubts[0].contains("Turkish"))
    #expect(try row(plan, "m1 16.wav").doubts == ["--voice says f1, 'm1' says m1"])
  }

  @Test("knows speakers: theirs is the voice, and nobody's who has taken back the consent")
  func speakers() throws {
    func speaker(_ name: String, _ voice: String, _ more: String = "") -> String {
      "  - {pseudonym: \"\(name)\", language: \"ro\", voice: \(voice), consent: 2026-04-30, licence: \"k\", "
        + "contact: \"a@example.org\"\(more)}\n"
    }
    let desk = try ImportFixture(
      ["ro"],
      speakers: "speakers:\n" + speaker("Iris", "f1") + speaker("Vlad", "m1", ", withdrawn: 2026-05-01"))
    try desk.put("03.wav", sound: 1)
    try desk.put("13 m1.wav", sound: 2)
    let (plan, _) = try desk.plan()
    #expect(try row(plan, "03.wav").reasons == ["the project's only language", "the only speaker", "number 3"])
    #expect(try row(plan, "13 m1.wav").doubts == ["'Vlad' took back the consent on 2026-05-01"])
    #expect(throws: DiagnosticsError.self) { try desk.plan { $0.speaker = "Irs" } }
    let (named, _) = try desk.plan { $0.speaker = "iris" }
    #expect(try row(named, "03.wav").voice == "f1")
    #expect(try row(named, "13 m1.wav").doubts == ["--speaker says f1, 'm1' says m1"])
  }

  @Test("leaves two files for one place and one sound for two places to a person")
  func doubles() throws {
    let desk = try ImportFixture(["ro"])
    try desk.put("f1/03 take 1.wav", sound: 1)
    try desk.put("f1/03 take 2.wav", sound: 2)
    try desk.put("f1/13.wav", sound: 3)
    try desk.put("f1/14.wav", sound: 3)
    try desk.put("f1/16.wav", sound: 4)
    try desk.put("f1/16 copy.wav", sound: 4)
    let (plan, _) = try desk.plan()
    #expect(plan.placed.map(\.name) == ["f1/16 copy.wav"])
    #expect(
      try row(plan, "f1/03 take 1.wav").doubts == ["for the same place as f1/03 take 2.wav: choose one with --map"])
    #expect(try row(plan, "f1/13.wav").doubts == ["the same sound as f1/14.wav"])
    #expect(try row(plan, "f1/16.wav").fate == .known("the same as f1/16 copy.wav"))
  }

  @Test("doubts numbers that may only count the files")
  func counts() throws {
    let desk = try ImportFixture(["ro"], prompts: ["safe-here", "need-doctor", "thank-you"])
    for number in 1...3 { try desk.put("f1/0\(number).wav", sound: number) }
    let (plan, _) = try desk.plan()
    #expect(plan.placed.isEmpty)
    #expect(try row(plan, "f1/03.wav").doubts[0].hasPrefix("numbers 1 to 3 may count the files"))
    let (trusted, _) = try desk.plan { $0.trustsNumbers = true }
    #expect(trusted.placed.map(\.name) == ["f1/03.wav"])
  }

  @Test("heeds a map over every name, and writes one that it reads again")
  func map() throws {
    let desk = try ImportFixture(["ro", "es"])
    try desk.put("a/one.wav", sound: 1)
    try desk.put("a/two, es.wav", sound: 2)
    try desk.put("a/ro 14.wav", sound: 3)
    try desk.put("three.wav", sound: 4, seconds: 4)
    let text = """
      File;Language;Prompt;Voice;start;end
      one.wav;Romanian;safe here;f1;;
      "a/two, es.wav";es;13;m1;;
      ro 14.wav;;-;;;
      three.wav;ro;16;f1;0:00,2;1.5
      three.wav;ro;17;f1;1.6;3
      four.wav;ro;18;f1;;
      """
    let map = try desk.put("map.csv", Array(text.utf8))
    let (plan, _) = try desk.plan { $0.map = try ImportMap(reading: map) }
    #expect(plan.placed.count == 4)
    #expect(try row(plan, "a/one.wav").prompt?.id == "safe-here")
    #expect(try row(plan, "a/ro 14.wav").fate == .leftOut)
    #expect(plan.rows.filter { $0.name == "three.wav" }.map(\.piece) == [0.2..<1.5, 1.6..<3])
    #expect(plan.leftOut.map(\.why) == ["is no sound by its name", "the source has no such file"])
    let again = try ImportMap(Array(plan.map.utf8), path: "again.csv")
    #expect(again.rows.count == plan.rows.count)
    let (same, _) = try desk.plan { $0.map = again }
    #expect(same.rows.map(\.placement) == plan.rows.map(\.placement))
    #expect(same.rows.map(\.fate) == plan.rows.map(\.fate))
  }

  @Test(
    "a map that is wrong is told with its line",
    arguments: [
      ("language,prompt\nro,3\n", "map.csv:1: its first row does not name the column 'file'"),
      ("file,start,end\na.wav,1,\n", "map.csv:2: it has only one of 'start' and 'end'"),
      ("file,start,end\na.wav,2,1\n", "map.csv:2: it ends before it starts"),
      ("file,start,end\na.wav,x,1\n", "map.csv:2: its start is 'x', no time"),
      ("file,prompt\n,3\n", "map.csv:2: this row names no file"),
      ("file\n\"a", "map.csv:2: a quotation mark is never closed"),
      ("file\n\u{0}\u{FFFE}", ""),
    ])
  func wrongMap(_ text: String, _ message: String) throws {
    do {
      _ = try ImportMap(Array(text.utf8), path: "map.csv")
      #expect(message.isEmpty)
    } catch { #expect("\(error)".hasPrefix(message) && !message.isEmpty, "\(error)") }
  }

  @Test("a map in another encoding is refused")
  func encoding() throws {
    #expect(throws: DiagnosticsError.self) { try ImportMap([0x66, 0xE4], path: "map.csv") }
  }
}

@Suite("A source")
struct SourceTests {
  @Test("a directory is read eight deep, and links to directories are not followed")
  func directory() throws {
    let desk = try ImportFixture(["ro"])
    try desk.put("a/b/03.wav")
    #expect(symlink(desk.given, "\(desk.given)/a/round") == 0)
    #expect(symlink("nowhere", "\(desk.given)/14.wav") == 0)
    #expect(mkfifo("\(desk.given)/16.wav", 0o600) == 0)
    try desk.put((0..<10).map { "\($0)/" }.joined() + "17.wav")
    let source = try Source(desk.given)
    #expect(source.files.map(\.name) == ["a/b/03.wav"])
    #expect(source.leftOut.map(\.name) == ["0/1/2/3/4/5/6/7/8", "14.wav", "16.wav", "a/round"])
  }

  @Test("the project itself is no source, and is passed over in a directory that holds it")
  func project() throws {
    let desk = try ImportFixture(["ro"])
    try Files.create("\(desk.project)/03.wav", with: [1])
    #expect(throws: DiagnosticsError.self) { try Source(desk.project, except: [desk.project + "/."]) }
    #expect(try Source(desk.directory, except: [desk.project]).files.isEmpty)
  }

  @Test(
    "a ZIP is read without unpacking a name anywhere",
    .enabled(if: ImportFixture.has("zip") && ImportFixture.has("python3")))
  func zip() throws {
    let desk = try ImportFixture(["ro"])
    try desk.put("x/ro/03 safe here.wav", sound: 1)
    try desk.put("x/ro/14.wav", sound: 2)
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
    #expect(try desk.run("python3", ["-c", script]) == 0)
    let (plan, source) = try desk.plan(from: "\(desk.given)/given.zip")
    #expect(source.files.map(\.name) == ["../../../../tmp/f1/ro 13.wav", "/etc/f1 ro 16.wav", "f1/română 17.wav"])
    #expect(source.leftOut.map(\.name) == ["f1/inner.zip", "f1/link ro 18.wav"])
    #expect(plan.placed.map { $0.prompt?.number } == [13, 16, 17])
    let lines = try ImportTransaction(desk.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    #expect(
      lines.map(\.path) == [
        "recordings/ro/f1/13-need-doctor.wav", "recordings/ro/f1/16-need-medicine.wav",
        "recordings/ro/f1/17-pregnant.wav",
      ])
    #expect(try Files.read("\(desk.project)/\(lines[1].path)") == Files.read("\(desk.given)/x/ro/14.wav"))
  }

  @Test(
    "an encrypted, a broken and a lying ZIP, and other packings, are told in a line",
    .enabled(if: ImportFixture.has("zip")))
  func badZip() throws {
    let desk = try ImportFixture(["ro"])
    try desk.put("f1 03.wav")
    #expect(try desk.run("zip", ["-q", "-P", "secret", "locked.zip", "f1 03.wav"]) == 0)
    let locked = try Source("\(desk.given)/locked.zip")
    #expect(locked.files.isEmpty && locked.leftOut[0].why.contains("encrypted"))
    #expect(try desk.run("zip", ["-q", "whole.zip", "f1 03.wav"]) == 0)
    var bytes = try Files.read("\(desk.given)/whole.zip")
    try desk.put("short.zip", Array(bytes.dropLast(30)))
    #expect(throws: DiagnosticsError.self) { try Source("\(desk.given)/short.zip") }
    // The compressed bytes themselves.
    for index in 200..<400 { bytes[index] ^= 0x5A }
    try desk.put("spoilt.zip", bytes)
    let (plan, _) = try desk.plan(from: "\(desk.given)/spoilt.zip")
    #expect(plan.rows.map(\.fate) == [.unusable] && plan.rows[0].doubts[0].contains("is damaged"))
    try desk.put("a.7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C])
    do {
      _ = try Source("\(desk.given)/a.7z")
      Issue.record("it was read")
    } catch { #expect("\(error)".contains("is packed with 7z")) }
    #expect(throws: DiagnosticsError.self) { try Source("\(desk.given)/nothing") }
    #expect(throws: DiagnosticsError.self) { try Source("/dev/null") }
  }

  @Test(
    "sound in other forms is kept as it is, or becomes WAV through ffmpeg",
    .enabled(if: ImportFixture.has("sox") && ImportFixture.has("ffmpeg"), "sox or ffmpeg is not installed"))
  func forms() throws {
    let desk = try ImportFixture(["ro"])
    try desk.put("f1 03.wav")
    #expect(try desk.run("sox", ["f1 03.wav", "f1 13.flac"]) == 0)
    #expect(try desk.run("ffmpeg", ["-v", "error", "-i", "f1 03.wav", "-c:a", "aac", "f1 14.m4a"]) == 0)
    #expect(
      try desk.run("ffmpeg", ["-v", "error", "-i", "f1 03.wav", "-f", "mp3", "-c:a", "libmp3lame", "f1 16.mp3"]) == 0)
    try desk.put("f1 17.m4a", Array("no sound at all".utf8))
    let (plan, source) = try desk.plan()
    // FLAC of the same samples is another file: its sound is not compared here.
    #expect(plan.placed.map { $0.prompt?.number } == [3, 13, 14, 16])
    #expect(plan.rows.last?.fate == .unusable)
    let lines = try ImportTransaction(desk.project).carryOut(plan, source, day: "2026-05-01") { _ in }
    let endings = lines.map { String($0.path.suffix(4)) }
    #expect(endings[0] == ".wav" && endings[1] == "flac" && endings[2] == ".wav")
    #expect(lines[2].sha256 != lines[2].recording && lines[1].sha256 == lines[1].recording)
    #expect(try abs(Recording(path: "\(desk.project)/\(lines[2].path)").duration - 1.6) < 0.1)
  }
}
