import Encoding
import Kit
import Posix
import Testing

@testable import KitBuilder

@Suite("Speech synthesis", .enabled(if: Workshop.has("espeak-ng"), "espeak-ng is not here"))
struct SynthesisTests {
  let workshop: Workshop
  init() throws { workshop = try Workshop() }

  private func request(_ language: String, voice: String?, _ text: String = "Da.") -> Synthesis.Request {
    Synthesis.Request(language: language, voice: voice, number: 8, prompt: "show-yes", text: text)
  }

  @Test("speaks a language with a voice of its own, skips others, and reports why")
  func outcomes() throws {
    let directory = "\(workshop.path)/recordings"
    let there = Take(language: "es", voice: "f1", number: 8, prompt: "show-yes", path: "/there.wav")
    let results = try Synthesis().speak(
      [
        request("ro", voice: "ro"), request("tl", voice: nil), request("es", voice: "es"),
        request("xx", voice: "no-such-voice"),
      ], into: directory, existing: [there])
    let path = "\(directory)/ro/synthetic/08-show-yes.wav"
    #expect(results.map(\.request.language) == ["ro", "tl", "es", "xx"])
    #expect(results[0].outcome == .spoken(path: path))
    #expect(results[1].outcome == .noVoice)
    #expect(results[2].outcome == .recorded(path: "/there.wav"))
    guard case .failed(let reason) = results[3].outcome else {
      Issue.record("\(results[3])")
      return
    }
    #expect(reason == "espeak-ng has no voice no-such-voice")
    #expect(try Files.list("\(directory)/ro/synthetic") == ["08-show-yes.wav"])
    #expect(!Files.exists("\(directory)/tl") && !Files.exists("\(directory)/es"))
    #expect(!Files.exists("\(directory)/xx"))
  }

  @Test("writes its mark and the wording's hash into the file")
  func mark() throws {
    let results = try Synthesis().speak(
      [request("ro", voice: "ro", "Da, ridicați o mână.")], into: workshop.path, existing: [])
    guard case .spoken(let path) = results[0].outcome else {
      Issue.record("\(results)")
      return
    }
    let recording = try Recording(path: path)
    #expect(recording.synthetic)
    #expect(recording.wording == Digest.sha256("Da, ridicați o mână."))
    #expect(recording.duration > 0.5)
    // A file of espeak-ng alone has no mark.
    #expect(!(try Recording(path: try workshop.speak("Da."))).synthetic)
  }

  @Test("never overwrites an existing file")
  func keeps() throws {
    let path = try workshop.put("ro/synthetic/08-show-yes.wav", Array("mine".utf8))
    let results = try Synthesis().speak([request("ro", voice: "ro")], into: workshop.path, existing: [])
    #expect(results[0].outcome == .recorded(path: path))
    #expect(try Files.read(path) == Array("mine".utf8))
  }

  @Test("speaks a text that looks like an option or a command")
  func hostile() throws {
    let texts = ["--help", "$(touch /tmp/x); `id`", "-w /tmp/y", "\"'\\"]
    for (index, text) in texts.enumerated() {
      let directory = "\(workshop.path)/\(index)"
      let results = try Synthesis().speak([request("en", voice: "en", text)], into: directory, existing: [])
      if index == 3 { continue }
      #expect(results[0].outcome == .spoken(path: "\(directory)/en/synthetic/08-show-yes.wav"), "\(text)")
    }
  }

  @Test("knows its voices by tag, file and further tags")
  func voices() {
    let table = """
      Pty Language       Age/Gender VoiceName          File                 Other Languages
       5  cmn             --/M      Chinese            sit/cmn              (zh-cmn 5)(zh 5)
       2  en-gb           --/M      English_(GB)       gmw/en               (en 2)
      """
    #expect(Synthesis.voices(in: table) == ["cmn", "zh-cmn", "zh", "en-gb", "en"])
  }

  @Test("gives the same result with one thread and with many")
  func threads() throws {
    let requests = (1...8).map {
      Synthesis.Request(language: "ro", voice: "ro", number: $0, prompt: "p\($0)", text: "Numărul \($0).")
    }
    _ = try Synthesis().speak(requests, into: "\(workshop.path)/1", existing: [], threads: 1)
    _ = try Synthesis().speak(requests, into: "\(workshop.path)/4", existing: [], threads: 4)
    for name in try Files.list("\(workshop.path)/1/ro/synthetic") {
      #expect(
        try Files.read("\(workshop.path)/1/ro/synthetic/\(name)")
          == Files.read("\(workshop.path)/4/ro/synthetic/\(name)"))
    }
    #expect(try Files.list("\(workshop.path)/4/ro/synthetic").count == 8)
  }
}

@Suite("A missing synthesizer")
struct MissingSynthesisTests {
  @Test("is named, with what to install")
  func missing() {
    #expect(throws: Synthesis.Missing(program: "no-such-espeak")) { try Synthesis(program: "no-such-espeak") }
    #expect(
      "\(Synthesis.Missing(program: "espeak-ng"))"
        == "espeak-ng is not installed: install it (sudo apt install espeak-ng)")
  }

  @Test("a program that hangs is killed")
  func hangs() {
    #expect(throws: SystemError.self) { try ChildProcess.run("sleep", ["600"], seconds: 1) }
  }
}
