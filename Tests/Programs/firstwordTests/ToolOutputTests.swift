import Foundation
import Glibc
import Kit
import Posix
import TestSupport
import Testing

/// What the commands for kits and keys ask and print.
@Suite("Commands for kits and keys")
struct ToolOutputTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  @Test("keygen warns of a weak passphrase, and asks again until one is given twice alike")
  func keygen() throws {
    let program = try Files.programDirectory().appending("firstword").string
    let terminal = try PseudoTerminal([program, "keygen", "k"], in: place.directory, environment: [:])
    try terminal.wait(for: "Passphrase for k.key: ")
    terminal.type("hunter2\n")
    try terminal.wait(for: "Repeat it, or press Enter to choose another: ")
    terminal.type("\n")
    for (first, second) in [("correct horse battery", "correct house battery"), ("correct horse battery", nil)] {
      try terminal.wait(for: "Passphrase for k.key: ")
      terminal.type(first + "\n")
      try terminal.wait(for: "Repeat it: ")
      terminal.type((second ?? first) + "\n")
    }
    let (status, isRestored) = try terminal.end()
    #expect(status == 0 && isRestored, "\(terminal.shown)")
    #expect(terminal.shown.contains("weak: it has only 7 characters"))
    #expect(terminal.shown.components(separatedBy: "The two passphrases differ.").count == 2)
    let key = try SecretKey(reading: place.directory + "/k.key") { _ in Array("correct horse battery".utf8) }
    #expect(try PublicKey(reading: place.directory + "/k.pub") == key.publicKey)
  }

  @Test("a signal while a passphrase is typed ends the program, and the terminal shows again what is typed")
  func interrupted() throws {
    let program = try Files.programDirectory().appending("firstword").string
    for signal in [SIGINT, SIGTERM, SIGHUP] {
      let terminal = try PseudoTerminal([program, "keygen", "k"], in: place.directory, environment: [:])
      try terminal.wait(for: "Passphrase for k.key: ")
      terminal.type("half a passphr")
      kill(terminal.identifier, signal)
      let (status, isRestored) = try terminal.end()
      #expect(status == signal && isRestored)
      #expect(!Files.exists(place.directory + "/k.key"))
    }
  }

  @Test("check reports the missing recordings of a language in one line, and all of them as JSON")
  func missing() throws {
    #expect(try place.run("new", "p", "--languages", "ro,hi").status == 0)
    let checked = try place.run("check", "p")
    #expect(checked.status == 1)
    let lines = checked.output.split(separator: "\n").filter { $0.hasSuffix("[missing]") }
    #expect(lines.count == 2, "\(checked.output)")
    let counts = [try Words.recordings(of: "ro"), try Words.recordings(of: "hi")]
    for (tag, count) in zip(["ro", "hi"], counts) {
      #expect(
        lines.contains { $0.hasPrefix("p/recordings/\(tag): error: \(count) recordings are missing (") }, "\(lines)")
    }
    let complete = try place.run("check", "p", "--json")
    #expect(complete.output.components(separatedBy: "\"code\" : \"missing\"").count == counts[0] + counts[1] + 1)
  }

  @Test("install --json reports the installed kit")
  func installation() throws {
    let sandbox = try Sandbox()
    let store = place.directory + "/store"
    #expect(try place.run("store", "trust", sandbox.publicKey, "--store", store).status == 0)
    let installed = try place.run("install", sandbox.kit, "--store", store, "--allow-draft", "--json")
    #expect(installed.status == 0, "\(installed.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(installed.output.utf8)) as? [String: Any], "\(installed.output)")
    #expect(report["kit"] as? String == "sounds" && report["version"] as? String == "1.0")
    #expect(report["draft"] as? Bool == true && report["active"] as? Bool == true)
    #expect(report["recalledClips"] as? Int == 0)
    let file = try #require(report["file"] as? String)
    #expect(Files.exists("\(store)/kits/\(file)"))
  }

  @Test("a card that cannot be opened is reported in the program's own line, without those of libasound")
  func absentCard() throws {
    let sandbox = try Sandbox()
    let played = try place.run("play", sandbox.kit, "ro", "safe-here", "--pcm", "no-such-card")
    #expect(played.status == 2)
    #expect(played.errors.hasPrefix("firstword: no-such-card: cannot play"))
    #expect(played.errors.split(separator: "\n").count == 1, "\(played.errors)")
    let probed = try place.run(
      "doctor", "--board", SourceTree.path + "/Hardware/boards/headless.yaml", "--pcm", "no-such-card")
    #expect(!"\(probed.output)\(probed.errors)".contains("ALSA lib"), "\(probed.errors)")
  }

  @Test("recall takes a key's id as people type it, and writes it as everywhere")
  func typedKey() throws {
    let added = try place.run("recall", "add", "r.json", "--key", "f8e5f611d9ca961", "--reason", "lost")
    #expect(added.status == 0, "\(added.errors)")
    #expect(try place.run("recall", "show", "r.json").output.contains("0F8E5F611D9CA961"))
    #expect(try place.run("recall", "remove", "r.json", "f8e5f611d9ca961").status == 0)
  }

  @Test(
    "a mistyped command is reported with the one that was probably meant",
    arguments: [
      (["bild", "shelter"], "there is no command 'bild' (did you mean 'build'?); 'firstword --help' lists"),
      (["store", "lst"], "there is no command 'store lst' (did you mean 'list'?); 'firstword store --help' lists"),
      (["help", "chek"], "there is no command 'chek' (did you mean 'check'?)"),
      (["zzzz"], "there is no command 'zzzz'; 'firstword --help' lists"),
    ])
  func commands(_ words: [String], _ message: String) throws {
    let outcome = try Program.run(words, in: place.directory)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("the commands of a project take it by --project, else the current directory, and still as an argument")
  func projects() throws {
    #expect(try place.run("new", "p", "--languages", "ro").status == 0)
    let here = try Program.run(["check"], in: place.directory + "/p")
    let missing = "\(try Words.recordings(of: "ro")) recordings are missing"
    #expect(here.status == 1 && here.output.contains(missing), "\(here.errors)")
    for words in [["check", "p"], ["check", "--project", "p"], ["build", "--dry-run", "--project", "p"]] {
      let outcome = try Program.run(words, in: place.directory)
      #expect(outcome.status == 1 && outcome.output.contains(missing), "\(words) \(outcome.errors)")
    }
    for words in [["check"], ["build", "--dry-run"], ["synthesize"], ["import", "p"], ["speakers"]] {
      let outcome = try Program.run(words, in: place.directory)
      #expect(outcome.status == 2 && outcome.errors.contains("no project here"), "\(words) \(outcome.errors)")
    }
    #expect(try place.run("check", "p", "--project", "p").status == 64)
    #expect(try place.run("build", "--key", "a.key", "--sign", "a.key").status == 64)
  }

  @Test("build --json reports the kit, and findings if there is none")
  func buildJSON() throws {
    #expect(try place.run("keygen", "k", "--no-password").status == 0)
    #expect(try place.run("new", "p", "--languages", "ro").status == 0)
    try Files.makeDirectory(place.directory + "/p/recordings/ro/f1")
    try Files.replace(place.directory + "/p/recordings/ro/f1/01-language-name.wav", with: [])
    let refused = try place.run("build", "--project", "p", "--key", "k.key", "--json")
    #expect(refused.status == 1)
    let none = try #require(try JSONSerialization.jsonObject(with: Data(refused.output.utf8)) as? [String: Any])
    #expect(none["built"] as? Bool == false)
    // The one that is there is empty.
    let count = try Words.recordings(of: "ro")
    #expect((none["findings"] as? [Any])?.count == count)
    let forecast = try place.run("build", "--project", "p", "--dry-run", "--json")
    #expect(forecast.status == 1 && forecast.output.contains("\"due\" :"), "\(forecast.errors)")
    let text = try place.run("build", "--project", "p", "--key", "k.key")
    #expect(text.errors.contains("\(count - 1) recordings are missing"), "\(text.errors)")
    #expect(text.errors.contains("\(count) errors; no kit was built"), "\(text.errors)")
  }
}
