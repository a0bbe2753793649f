import Encoding
import Foundation
import Glibc
import Kit
import KitBuilder
import Posix
import Testing

@Suite("The kit tools", .serialized)
struct KitToolsTests {
  private let place: Workplace
  private let sandbox: Sandbox

  init() throws {
    place = try Workplace()
    sandbox = try Sandbox()
    _ = try place.run("keygen", "second", "--no-password")
    try Files.makeDirectory(place.directory + "/keys")
    for (from, to) in [(sandbox.publicKey, "keys/one.pub"), (place.directory + "/second.pub", "keys/two.pub")] {
      try Files.replace("\(place.directory)/\(to)", with: try Files.read(from))
    }
  }

  /// The sandbox's kit, changed, as another file.
  private func changedKit(
    _ name: String, key: String, change: (inout KitManifest, inout [PackedBundle]) -> Void
  ) throws -> String {
    let kit = try KitFile(path: sandbox.kit)
    var manifest = kit.manifest
    var bundles = try kit.bundles.map { bundle in
      PackedBundle(bundle, clips: try bundle.clips.map { PackedClip($0, content: try kit.bytes(of: $0)) })
    }
    change(&manifest, &bundles)
    let path = "\(place.directory)/\(name)"
    try Pack.write(manifest, bundles: bundles, signedBy: try SecretKey(reading: key) { _ in nil }, to: path)
    return path
  }

  private var ownKey: String { sandbox.directory + "/key.key" }
  private var secondKey: String { place.directory + "/second.key" }

  @Test("list filters clips by language, module, prompt, voice and status; a filter that matches nothing is an error")
  func list() throws {
    let all = try place.run("list", sandbox.kit, "--json")
    #expect(all.status == 0)
    #expect(all.output.components(separatedBy: "\"sha256\"").count == 13)
    let some = try place.run("list", sandbox.kit, "--language", "bg", "--prompt", "3", "--texts")
    #expect(some.output.contains("bg 03 need-doctor") && some.output.contains("bg need-doctor"))
    #expect(!some.output.contains("safe-here"))
    for (option, name, known) in [
      ("--language", "xx", "ro, bg, vi"), ("--module", "opneing", "opening"), ("--prompt", "60", "safe-here"),
      ("--voice", "m1", "f1"),
    ] {
      let outcome = try place.run("list", sandbox.kit, option, name)
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains("'\(name)' in it; it has") && outcome.errors.contains(known))
    }
  }

  @Test("a language of a kit is named by its tag, in itself, in English or in an operator language, in any case")
  func languageNames() throws {
    let kit = try changedKit("named.kit", key: ownKey) { manifest, bundles in
      for (index, names) in [("Romanian", "română"), ("Kurdish (Sorani)", "کوردی"), ("Kurdish (Kurmanji)", "kurmancî")]
        .enumerated()
      {
        (bundles[index].manifest.english, bundles[index].manifest.autonym) = names
      }
      manifest.operators = [
        OperatorTexts(
          tag: "de", autonym: "Deutsch", script: "Latn", direction: .ltr, prompts: [:], languages: ["ro": "Rumänisch"])
      ]
    }
    for name in ["RO", "romanian", "Romana", "rumanisch"] {
      let listed = try place.run("list", kit, "--language", name, "--json")
      #expect(listed.output.components(separatedBy: "\"language\" : \"ro\"").count == 5, "\(name): \(listed.errors)")
    }
    #expect(try place.run("extract", kit, "sorani/safe-here", "-o", "out").status == 0)
    #expect(Files.exists(place.directory + "/out/languages/bg/texts.txt"))
    #expect(try place.run("list", kit, "--language", "kurdish").status == 2)
    let unclear = try place.run("play", kit, "Kurdish", "safe-here")
    #expect(
      unclear.status == 2 && unclear.errors.contains("'Kurdish' is ambiguous: use the tag: bg (Kurdish (Sorani)) or"))
    let typo = try place.run("play", kit, "romanain", "safe-here")
    #expect(typo.errors.contains("no language 'romanain' in it (did you mean 'Romanian'?)"), "\(typo.errors)")
  }

  @Test("diff exits with 0 for equal, 1 for different, 2 for unreadable kits; its page has both sounds")
  func diff() throws {
    #expect(try place.run("diff", sandbox.kit, sandbox.kit).status == 0)
    let other = try changedKit("other.kit", key: ownKey) { manifest, bundles in
      manifest.version = "1.1"
      bundles[0].clips[1].content = bundles[1].clips[1].content
      bundles[0].clips[1].loudness += 3
      bundles[2].clips.removeLast()
    }
    let found = try place.run("diff", sandbox.kit, other, "--html", "diff.html")
    #expect(found.status == 1)
    #expect(found.output.contains("version: 1.0 → 1.1"))
    #expect(found.output.contains("re-recorded, louder by 3.0 LU"))
    #expect(found.output.contains("- vi 04 wrong-language"))
    #expect(found.errors.contains("2 clips differ, 1 removed, 1 re-recorded, 1 louder"))
    let kit = try KitFile(path: sandbox.kit)
    let page = String(decoding: try Files.read(place.directory + "/diff.html"), as: UTF8.self)
    for tag in ["ro", "bg"] {
      let clip = try #require(kit.bundle(tag)?.clip("safe-here"))
      #expect(page.contains(Data(try kit.bytes(of: clip)).base64EncodedString()), "\(tag)")
    }
    let json = try place.run("diff", sandbox.kit, other, "--json")
    #expect(json.status == 1)
    #expect(json.output.contains("\"louder\" : 3"))
    #expect(try place.run("diff", sandbox.kit, "none.kit").status == 2)
    #expect(try place.run("diff", sandbox.kit, try sandbox.damagedKit("safe-here", in: "bg")).status == 0)
    let damaged = try sandbox.damagedKit("safe-here", in: "ro")
    let unreadable = try place.run("diff", other, damaged)
    #expect(unreadable.status == 2)
    #expect(unreadable.errors.contains("its SHA-256 is not"))
  }

  @Test("extract writes clips, texts and signed manifests, and replaces files only with --force")
  func extract() throws {
    #expect(try place.run("extract", sandbox.kit, "ro/safe-here", "-o", "out").status == 0)
    let kit = try KitFile(path: sandbox.kit)
    let clip = try #require(kit.bundle("ro")?.clip("safe-here"))
    #expect(try Files.read("\(place.directory)/out/\(clip.file)") == kit.bytes(of: clip))
    #expect(try Files.list("\(place.directory)/out/languages/ro/f1") == ["02-safe-here.opus"])
    #expect(try Files.list("\(place.directory)/out") == ["kit.json", "kit.json.minisig", "languages"])
    let key = try PublicKey(reading: sandbox.publicKey)
    for name in ["kit.json", "languages/ro/bundle.json"] {
      let text = try Files.read("\(place.directory)/out/\(name)")
      try Signature(try Files.read("\(place.directory)/out/\(name).minisig")).verify(text, by: key)
    }
    let texts = String(decoding: try Files.read("\(place.directory)/out/languages/ro/texts.txt"), as: UTF8.self)
    #expect(texts.contains("ro safe-here") && !texts.contains("need-doctor"))

    try Files.replace("\(place.directory)/out/\(clip.file)", with: [1])
    let again = try place.run("extract", sandbox.kit, "ro/2", "-o", "out")
    #expect(again.status == 2)
    #expect(again.errors.contains("--force"))
    #expect(try Files.read("\(place.directory)/out/\(clip.file)") == [1])
    #expect(try place.run("extract", sandbox.kit, "ro/2", "-o", "out", "--force").status == 0)
    #expect(try Files.read("\(place.directory)/out/\(clip.file)") == kit.bytes(of: clip))
    #expect(try place.run("extract", sandbox.kit, "ro/nothing", "-o", "out2").status == 2)
    #expect(try place.run("extract", sandbox.kit, "../ro", "-o", "out2").status == 2)
    #expect(!Files.exists(place.directory + "/out2"))
  }

  @Test("extract follows no link out of its directory, and writes nothing from a damaged kit")
  func extractElsewhere() throws {
    try Files.makeDirectory(place.directory + "/elsewhere")
    try Files.makeDirectory(place.directory + "/out")
    #expect(symlink(place.directory + "/elsewhere", place.directory + "/out/languages") == 0)
    let outcome = try place.run("extract", sandbox.kit, "-o", "out", "--force")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("out/languages: a link or file in place of a directory"))
    #expect(try Files.list(place.directory + "/elsewhere") == [])
    // A link in a file's place is replaced, and what it led to stays.
    try Files.replace(place.directory + "/precious", with: [7])
    try Files.makeDirectory(place.directory + "/out3")
    #expect(symlink(place.directory + "/precious", place.directory + "/out3/kit.json") == 0)
    #expect(try place.run("extract", sandbox.kit, "-o", "out3").status == 2)
    #expect(try place.run("extract", sandbox.kit, "-o", "out3", "--force").status == 0)
    #expect(try Files.read(place.directory + "/precious") == [7])

    let damaged = try sandbox.damagedKit("safe-here", in: "bg")
    #expect(try place.run("extract", damaged, "-o", "out4").status == 1)
    #expect(!Files.exists(place.directory + "/out4"))
  }

  @Test("merge writes a kit that verifies with both publishers' keys, and nothing on conflicts")
  func merge() throws {
    let other = try changedKit("other.kit", key: secondKey) { manifest, bundles in
      bundles[0].clips.removeLast()
      bundles[1].manifest.tag = "so"
      bundles[1].manifest.number = 31
      bundles.removeLast()
    }
    let refused = try place.run(
      "merge", sandbox.kit, other, "-o", "both.kit", "--key", ownKey, "--trust", "keys")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("ro is in \(sandbox.kit) too, and not the same"))
    #expect(refused.errors.contains("1 conflict; no kit was written"))
    #expect(!Files.exists(place.directory + "/both.kit"))

    let stranger = try place.run(
      "merge", sandbox.kit, "\(other):so", "-o", "both.kit", "--key", ownKey, "--trust", sandbox.publicKey)
    #expect(stranger.status == 1)
    #expect(stranger.errors.contains("not a trusted key"))

    let done = try place.run(
      "merge", sandbox.kit, "\(other):so", "-o", "both.kit", "--key", ownKey, "--trust", "keys", "--name", "both")
    #expect(done.status == 0, "\(done.errors)")
    #expect(done.output.contains("both 1.0+1.0, 4 languages"))
    #expect(try place.run("verify", "both.kit", "--trust", "keys").status == 0)
    let alone = try place.run("verify", "both.kit", "--trust", sandbox.publicKey)
    #expect(alone.status == 1)
    #expect(alone.errors.contains("languages/so/bundle.json"))
    #expect(
      try place.run("info", "both.kit").output.contains(
        try PublicKey(reading: place.directory + "/second.pub").id.description))
  }

  @Test("a second signature makes a kit valid for the second key alone; signing twice changes nothing")
  func sign() throws {
    #expect(try place.run("sign", sandbox.kit, "--key", secondKey, "--trust", "second.pub").status == 1)
    let first = try place.run("sign", sandbox.kit, "--key", secondKey, "--trust", "keys", "-o", "signed.kit")
    #expect(first.status == 0, "\(first.errors)")
    #expect(try place.run("verify", sandbox.kit, "--trust", "second.pub").status == 1)
    #expect(try place.run("verify", "signed.kit", "--trust", "second.pub").status == 0)
    let bytes = try Files.read(place.directory + "/signed.kit")
    let again = try place.run("sign", "signed.kit", "--key", secondKey)
    #expect(again.status == 0)
    #expect(again.output.contains("already"))
    #expect(try Files.read(place.directory + "/signed.kit") == bytes)
    #expect(try place.run("sign", try sandbox.damagedKit("safe-here", in: "bg"), "--key", secondKey).status == 1)
  }

  @Test("minisign agrees with both signatures of a kit", .enabled(if: Program.isInstalled("minisign")))
  func minisign() throws {
    #expect(try place.run("sign", sandbox.kit, "--key", secondKey).status == 0)
    #expect(try place.run("extract", sandbox.kit, "-o", "out").status == 0)
    let id = try PublicKey(reading: place.directory + "/second.pub").id
    for document in ["kit.json", "languages/bg/bundle.json"] {
      for (key, signature) in [(sandbox.publicKey, "minisig"), (place.directory + "/second.pub", "\(id).minisig")] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/minisign")
        let path = "\(place.directory)/out/\(document)"
        process.arguments = ["-V", "-q", "-m", path, "-x", "\(path).\(signature)", "-p", key]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(document) \(signature)")
      }
    }
  }

  @Test("a recall list is created, signed and applied; a change removes its signature")
  func recall() throws {
    let clip = try #require(KitFile(path: sandbox.kit).bundle("vi")?.clip("safe-here"))
    try Files.replace(
      place.directory + "/takedown.json",
      with: Array("[{\"sha256\": \"\(clip.sha256)\", \"reason\": \"the speaker asked\", \"speaker\": \"f1\"}]".utf8))
    #expect(try place.run("recall", "add", "r.json", "--from", "takedown.json").status == 0)
    #expect(try place.run("recall", "verify", "r.json", "--trust", "keys").status == 1)
    let unsigned = try place.run("verify", sandbox.kit, "--trust", "keys", "--recalls", "r.json")
    #expect(unsigned.status == 1)
    #expect(unsigned.errors.contains("has no signature"))
    #expect(try place.run("recall", "sign", "r.json", "--key", secondKey).status == 0)
    #expect(try place.run("recall", "verify", "r.json", "--trust", "keys").status == 0)
    // Only who trusts the list's signer heeds it.
    #expect(try place.run("verify", sandbox.kit, "--trust", sandbox.publicKey, "--recalls", "r.json").status == 1)
    // Another publisher's list does not apply, unless that is asked for.
    let other = try place.run("verify", sandbox.kit, "--trust", "keys", "--recalls", "r.json")
    #expect(other.status == 0 && other.errors.contains("not applied") && other.errors.contains("--recalls-all"))
    let granted = try place.run("verify", sandbox.kit, "--trust", "keys", "--recalls", "r.json", "--recalls-all")
    #expect(
      granted.status == 1 && granted.errors.contains("the speaker asked") && !granted.errors.contains("not applied"))
    #expect(try place.run("verify", sandbox.kit, "--trust", "keys", "--recalls-all").status == 64)
    #expect(try place.run("recall", "sign", "r.json", "--key", ownKey).status == 0)
    let refused = try place.run("verify", sandbox.kit, "--trust", "keys", "--recalls", "r.json")
    #expect(refused.status == 1)
    #expect(refused.errors.contains("\(clip.file): recalled on ") && refused.errors.contains("the speaker asked"))
    #expect(try place.run("info", sandbox.kit, "--recalls", "r.json").status == 1)
    let info = try place.run("info", sandbox.kit, "--recalls", "r.json", "--trust", "keys", "--json")
    #expect(info.status == 1)
    #expect(info.output.contains("the speaker asked"))

    #expect(try place.run("recall", "remove", "r.json", clip.sha256).status == 0)
    #expect(!Files.exists(place.directory + "/r.json.minisig"))
    #expect(try place.run("recall", "remove", "r.json", clip.sha256).status == 1)
    #expect(try place.run("recall", "sign", "r.json", "--key", secondKey).status == 0)
    #expect(try place.run("verify", sandbox.kit, "--trust", "keys", "--recalls", "r.json").status == 0)

    #expect(
      try place.run("recall", "add", "r.json", "--kit", sandbox.kit, "--key", sandbox.publicKey, "--reason", "old")
        .status == 0)
    let shown = try place.run("recall", "show", "r.json")
    #expect(shown.output.contains(try KitFile(path: sandbox.kit).sha256))
    #expect(shown.errors.contains("2 recalled, issue 4"))
    #expect(try place.run("recall", "sign", "r.json", "--key", ownKey).status == 0)
    let twice = try place.run("verify", sandbox.kit, "--trust", "keys", "--recalls", "r.json")
    #expect(twice.errors.contains("sounds.kit: recalled on") && twice.errors.contains("a key that was recalled"))
  }

  @Test("an invalid list and an invalid recall change nothing")
  func recallRefusals() throws {
    try Files.replace(place.directory + "/r.json", with: Array("{\"mine\": 1}".utf8))
    #expect(try place.run("recall", "add", "r.json", "--clip", Digest.sha256("a"), "--reason", "r").status == 1)
    #expect(try Files.read(place.directory + "/r.json") == Array("{\"mine\": 1}".utf8))
    #expect(try place.run("recall", "add", "new.json", "--clip", "abc", "--reason", "r").status == 2)
    #expect(try place.run("recall", "add", "new.json", "--clip", Digest.sha256("a")).status == 64)
    try Files.replace(place.directory + "/takedown.json", with: Array("{}".utf8))
    #expect(try place.run("recall", "add", "new.json", "--from", "takedown.json").status == 2)
    #expect(!Files.exists(place.directory + "/new.json"))
  }

  @Test("rekey writes a statement that the old key verifies, and replaces no file")
  func rekey() throws {
    let made = try place.run("rekey", "--old", ownKey, "--new", "second.pub", "-o", "rotation.json")
    #expect(made.status == 0, "\(made.errors)")
    let checked = try place.run("rekey", "--check", "rotation.json", "--trust", sandbox.publicKey)
    #expect(checked.status == 0)
    #expect(checked.output.contains(try PublicKey(reading: place.directory + "/second.pub").id.description))
    #expect(try place.run("rekey", "--check", "rotation.json", "--trust", "second.pub").status == 1)
    #expect(try place.run("rekey", "--old", ownKey, "--new", "second.pub", "-o", "rotation.json").status == 2)
    #expect(try place.run("rekey", "--old", ownKey, "--new", sandbox.publicKey, "-o", "other.json").status == 2)
    #expect(try place.run("rekey", "--old", ownKey).status == 64)
    #expect(!Files.exists(place.directory + "/other.json"))
  }

  @Test("card writes a page, and reports unknown languages, readers and extensions")
  func card() throws {
    let made = try place.run("card", sandbox.kit, "--kind", "listener", "-o", "card.html")
    #expect(made.status == 0, "\(made.errors)")
    let page = String(decoding: try Files.read(place.directory + "/card.html"), as: UTF8.self)
    // The picture of each answer sign.
    #expect(
      page.contains("DRAFT") && page.components(separatedBy: "<figure><svg").count == 1 + AnswerSign.allCases.count)
    let french = try place.run("card", sandbox.kit, "--kind", "sheet", "--operator-language", "fr", "-o", "x.html")
    #expect(french.status == 2)
    #expect(french.errors.contains("'operators:' in kit.yaml"))
    #expect(try place.run("card", sandbox.kit, "--kind", "sheet", "--language", "xx", "-o", "x.html").status == 2)
    #expect(try place.run("card", sandbox.kit, "--kind", "sheet", "-o", "x.doc").status == 64)
    #expect(try place.run("card", sandbox.kit, "--kind", "flag", "-o", "x.html").status == 64)
    #expect(!Files.exists(place.directory + "/x.html"))
  }

  @Test(
    "card prints a poster as a PDF of one page",
    .enabled(if: Program.isInstalled("chromium"), "chromium is not installed: no PDF can be made here"))
  func pdf() throws {
    let made = try place.run("card", sandbox.kit, "--kind", "poster", "--paper", "letter", "-o", "poster.pdf")
    #expect(made.status == 0, "\(made.errors)")
    let pdf = String(decoding: try Files.read(place.directory + "/poster.pdf"), as: Unicode.ASCII.self)
    #expect(pdf.hasPrefix("%PDF"))
    #expect(pdf.contains("/MediaBox [0 0 612 792]"))
    #expect(pdf.contains("/Count 1"))
  }

  @Test("card without Chromium names what to install, and writes nothing")
  func noChromium() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending("firstword").string)
    process.arguments = ["card", sandbox.kit, "--kind", "poster", "-o", place.directory + "/poster.pdf"]
    process.environment = ["PATH": place.directory]
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = Pipe()
    try process.run()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    #expect(said.contains("apt-get install chromium"))
    #expect(!Files.exists(place.directory + "/poster.pdf"))
  }

  @Test("nothing in a kit, a key or a file's name reaches the terminal unescaped")
  func hostileTexts() throws {
    let bidi = "x\u{202E}gnitset\u{2066}\u{61C}"
    let name = "hostile\u{1B}[2J\nwhole: forged\u{202E}.kit"
    let kit = try changedKit(name, key: ownKey) { manifest, bundles in
      for index in manifest.prompts.indices {
        manifest.prompts[index].title = bidi
        manifest.prompts[index].caution = bidi
      }
      for index in bundles.indices {
        bundles[index].manifest.english = "\(bidi)\(index)"
        bundles[index].manifest.autonym = bidi
      }
    }
    let key = String(decoding: try Files.read(sandbox.publicKey), as: UTF8.self).split(separator: "\n")
    let pub = "key\u{1B}[2J.pub"
    try Files.replace(
      "\(place.directory)/\(pub)", with: Array("untrusted comment: \u{1B}[2J\u{202E}\n\(key.last ?? "")\n".utf8))
    for arguments in [
      ["info", kit], ["info", kit, "--json"], ["list", kit], ["list", kit, "--texts"], ["list", kit, "--json"],
      ["list", kit, "--module", "\u{1B}[2J"], ["verify", kit, "--trust", pub],
      ["verify", kit, "--trust", pub, "--json"],
      ["verify", kit, "--trust", "none\u{1B}[2J.pub"], ["diff", sandbox.kit, kit],
      ["diff", sandbox.kit, kit, "--json"],
      ["extract", kit, "-o", "out\u{1B}[2J"], ["verify", kit, "more\u{1B}[2J", "--trust", pub], ["none\u{1B}[2J"],
      ["verify", "\(kit).none", "--trust", pub],
    ] {
      let outcome = try Program.run(arguments, in: place.directory)
      #expect(outcome.isPlain, "\(arguments): \(outcome)")
      #expect(!(outcome.output + outcome.errors).split(separator: "\n").contains { $0.hasPrefix("whole: forged") })
    }
    // The daemon, too.
    let daemon = Process()
    let errors = Pipe()
    daemon.executableURL = URL(fileURLWithPath: try Files.programDirectory().appending("firstwordd").string)
    daemon.arguments = ["--board", "board\u{1B}[2J\n\u{202E}.json", "--kit", kit]
    daemon.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    daemon.standardError = errors
    try daemon.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    daemon.waitUntilExit()
    #expect(Program.Outcome(status: 66, output: "", errors: text).isPlain && text.contains("\\u{1b}"), "\(text)")
    #expect(daemon.terminationStatus == 66)
  }
}
