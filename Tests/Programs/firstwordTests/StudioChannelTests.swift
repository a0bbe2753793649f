import Distribution
import Encoding
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

@testable import Kit

/// Channels through the requests of the studio's page, beside the command line.
@Suite("Channels on the studio's page", .serialized)
struct StudioChannelTests {
  private let place: Workplace
  private let at = "/api/1/channels/web"

  /// A project with one recording, and keys without a passphrase.
  init() throws {
    place = try Workplace()
    #expect(try place.run("new", "p", "--languages", "ro", "--prompts", "safe-here").status == 0)
    for name in ["anna", "ben", "chris", "dora", "kits", "online", "publisher"] {
      #expect(try place.run("keygen", name, "--no-password").status == 0)
    }
    try Files.makeDirectory("\(place.directory)/p/recordings/ro/f1")
    try Files.makeDirectory("\(place.directory)/p/kits")
    try Files.replace(
      "\(place.directory)/p/recordings/ro/f1/03-safe-here.wav",
      with: StudioSound.wave(murmur(seed: 1, seconds: 2)))
  }

  // MARK: Steps

  private func file(_ name: String) throws -> String {
    String(decoding: try Files.read("\(place.directory)/\(name)"), as: UTF8.self)
  }

  private func json(_ answer: StudioProgram.Answer) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
  }

  private func body(_ value: [String: Any]) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
  }

  private func keys(_ names: [String], _ kind: String) throws -> [[String: Any]] {
    try names.map { ["name": $0, "key": try file("\($0).\(kind)")] }
  }

  private func make(_ studio: StudioProgram, _ more: [String: Any] = [:]) throws -> StudioProgram.Answer {
    var wish: [String: Any] = [
      "name": "web", "root": try keys(["anna", "ben", "chris"], "pub"), "threshold": 2,
      "targets": try keys(["kits"], "pub"), "online": try keys(["online"], "pub"),
    ]
    wish.merge(more) { $1 }
    return try studio.post("/api/1/channels", try body(wish))
  }

  /// Builds a kit with the command line, and returns its file's name.
  private func build(_ version: String) throws -> String {
    let path = "\(place.directory)/p/kit.yaml"
    let lines = String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n")
    let changed = lines.map { $0.hasPrefix("version:") ? "version: \"\(version)\"" : String($0) }
    try Files.replace(path, with: Array((changed.joined(separator: "\n") + "\n").utf8))
    let name = "p-\(version).kit"
    let built = try place.run("build", "--project", "p", "--key", "publisher.key", "-o", "p/kits/\(name)", "--no-cache")
    #expect(built.status == 0, "\(built.errors)")
    return name
  }

  /// Changes the channel as it is now.
  private func change(
    _ act: String, _ wish: [String: Any], _ studio: StudioProgram
  ) throws -> StudioProgram.Answer {
    var wish = wish
    wish["version"] = try json(try studio.get(at))["version"]
    return try studio.post("\(at)/\(act)", try body(wish))
  }

  private func add(_ kit: String, _ studio: StudioProgram, percent: Int = 100) throws -> StudioProgram.Answer {
    let wish: [String: Any] = [
      "project": "p", "kit": kit, "trust": [try file("publisher.pub")], "percent": percent, "allowDraft": true,
    ]
    return try change("kits", wish, studio)
  }

  private func sign(_ studio: StudioProgram, _ names: String...) throws -> [String: Any] {
    let answer = try change("sign", ["keys": try keys(names, "key")], studio)
    #expect(answer.status == 200, "\(names): \(answer.text)")
    return try json(answer)
  }

  /// The channel as the command line shows it.
  private func status() throws -> [String: Any] {
    let shown = try place.run("channel", "status", "web", "--json")
    return try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
  }

  /// The command line shows the same roles and files as the page.
  private func agree(_ studio: StudioProgram) throws {
    let (line, page) = (try status(), try json(try studio.get(at)))
    for part in ["roles", "targets"] {
      #expect(line[part] as? NSArray == page[part] as? NSArray, "\(part)")
    }
  }

  private func target(_ path: String, _ view: [String: Any]) -> [String: Any]? {
    (view["targets"] as? [[String: Any]])?.first { $0["path"] as? String == path }
  }

  private func refused(_ answer: StudioProgram.Answer, _ status: Int, _ words: String) {
    #expect(answer.status == status && answer.text.contains(words), "\(answer.status) \(answer.text)")
  }

  // MARK: Tests

  @Test("a channel is made, signed in turns, published, rolled out, paused and recalled, as by the command line")
  func path() throws {
    let studio = try StudioProgram([], in: place.directory)
    let (old, new) = (try build("1.0"), try build("1.1"))
    let made = try make(studio)
    #expect(made.status == 201, "\(made.text)")
    refused(try make(studio), 422, "it is a channel already")
    try agree(studio)
    #expect(try studio.get("\(at)/root").status == 404)
    let first = try sign(studio, "anna")
    let signature = try #require((first["signed"] as? [[String: Any]])?.first)
    #expect(signature["role"] as? String == "root" && signature["lacking"] as? Int == 1)
    let channel = try #require(first["channel"] as? [String: Any])
    let step = try #require((channel["steps"] as? [[String: Any]])?.first)
    #expect(step["kind"] as? String == "sign" && step["keys"] as? [String] == ["ben", "chris"], "\(step)")
    _ = try sign(studio, "chris")
    refused(try change("sign", ["keys": try keys(["publisher"], "key")], studio), 422, "signs nothing that waits")

    #expect(try add(old, studio).status == 200)
    let published = try sign(studio, "kits", "online")
    #expect(published["published"] as? [String] == ["targets 1", "snapshot 1", "timestamp 1", "root 1"])
    try agree(studio)
    let root = try studio.get("\(at)/root")
    let written = try Files.read("\(place.directory)/web/metadata/1.root.json")
    #expect(root.body == written)
    #expect(try json(try studio.get(at))["root"] as? String == Digest.sha256(root.body))

    #expect(try add(new, studio, percent: 5).status == 200)
    refused(try add(old, studio), 200, "\"percent\":5")
    for wish in [["percent": 25], ["paused": true]] as [[String: Any]] {
      let rolled = try change("roll", wish.merging(["target": "p-1.1.kit"]) { $1 }, studio)
      #expect(rolled.status == 200, "\(rolled.text)")
    }
    let rolled = try #require(target("p-1.1.kit", try json(try studio.get(at))))
    #expect(
      rolled["percent"] as? Int == 25 && rolled["paused"] as? Bool == true && rolled["state"] as? String == "waits")
    for wish in [["percent": 101], ["percent": -1], [:]] as [[String: Any]] {
      #expect(try change("roll", wish.merging(["target": "p-1.1.kit"]) { $1 }, studio).status == 400)
    }
    _ = try sign(studio, "kits", "online")
    try agree(studio)

    // Only the key that signed a kit recalls it.
    let recall: [String: Any] = ["target": "p-1.1.kit", "reason": "a clip\nwas  swapped"]
    refused(
      try change("recall", recall.merging(["key": try file("kits.key")]) { $1 }, studio), 422, "did not sign it")
    refused(
      try change("recall", recall.merging(["key": try file("publisher.key"), "reason": " "]) { $1 }, studio), 422,
      "reason")
    let recalled = try change("recall", recall.merging(["key": try file("publisher.key")]) { $1 }, studio)
    #expect(recalled.status == 200, "\(recalled.text)")
    let entry = try #require((try json(recalled)["recalls"] as? [[String: Any]])?.first)
    #expect(entry["reason"] as? String == "a clip was swapped")
    refused(
      try change("recall", recall.merging(["key": try file("publisher.key")]) { $1 }, studio), 422, "recalled already")
    #expect(try change("remove", ["target": "p-1.0.kit"], studio).status == 200)
    refused(try change("remove", ["target": "p-1.0.kit"], studio), 422, "the channel has no 'p-1.0.kit'")
    _ = try sign(studio, "kits", "online")
    try agree(studio)
    // The list is one that devices accept.
    let list = try #require(
      try Files.list("\(place.directory)/web/targets").first { $0.hasSuffix(".recalls.json") })
    let sign = try #require(try Files.list("\(place.directory)/web/targets").first { $0.hasSuffix(".minisig") })
    try Files.replace("\(place.directory)/l.json", with: try Files.read("\(place.directory)/web/targets/\(list)"))
    try Files.replace(
      "\(place.directory)/l.json.minisig", with: try Files.read("\(place.directory)/web/targets/\(sign)"))
    let verified = try place.run(
      "verify", "p/kits/p-1.1.kit", "--trust", "publisher.pub", "--recalls", "l.json")
    #expect(verified.status == 1 && (verified.output + verified.errors).contains("a clip was swapped"))
    #expect(try change("renew", ["role": "targets"], studio).status == 200)
    try agree(studio)
  }

  @Test("a person signs what the page showed: after a change by the command line the page must look again")
  func conflicts() throws {
    let studio = try StudioProgram([], in: place.directory)
    _ = try build("1.0")
    _ = try make(studio)
    let seen = try json(try studio.get(at))
    let added = try place.run(
      "channel", "add", "web", "p/kits/p-1.0.kit", "--trust", "publisher.pub", "--allow-draft")
    #expect(added.status == 0, "\(added.errors)")
    for (act, wish) in [
      ("sign", ["keys": try keys(["kits"], "key")]), ("roll", ["target": "p-1.0.kit", "percent": 5]),
      ("remove", ["target": "p-1.0.kit"]), ("renew", ["role": "targets"]),
      ("replace", ["role": "root", "old": "ben", "new": try keys(["dora"], "pub")[0]]),
    ] as [(String, [String: Any])] {
      let wish = wish.merging(["version": seen["version"] ?? ""]) { $1 }
      let answer = try studio.post("\(at)/\(act)", try body(wish))
      #expect(answer.status == 409, "\(act): \(answer.text)")
      let now = try #require(try json(answer)["current"] as? [String: Any])
      #expect(target("p-1.0.kit", now)?["percent"] as? Int == 100)
    }
    try agree(studio)
    // While another program changes it, the page waits a moment, and then says so.
    let lock = open("\(place.directory)/web/.lock", O_RDWR)
    #expect(flock(lock, LOCK_EX) == 0)
    refused(try studio.get(at), 423, "another program is changing the channel")
    let list = try json(try studio.get("/api/1/channels"))
    let problem = (list["channels"] as? [[String: Any]])?.first?["problem"] as? String
    #expect(problem?.contains("another program") == true)
    close(lock)
    _ = try sign(studio, "kits", "anna", "ben", "online")
    try agree(studio)
  }

  @Test("a lost key is replaced as by the command line: the keys before and after sign, and nothing else is accepted")
  func replaced() throws {
    let studio = try StudioProgram([], in: place.directory)
    _ = try make(studio)
    _ = try sign(studio, "anna", "ben", "kits", "online")
    func replace(_ role: String, _ old: String, _ new: String, kind: String = "pub") throws -> StudioProgram.Answer {
      try change("replace", ["role": role, "old": old, "new": try keys([new], kind)[0]], studio)
    }
    refused(try replace("root", "ben", "dora", kind: "key"), 422, "secret key")
    refused(try replace("root", "eve", "dora"), 422, "eve")
    refused(try replace("root", "ben", "anna"), 422, "anna")
    refused(try replace("moldova", "ben", "dora"), 422, "moldova")
    #expect(try change("replace", ["role": "root"], studio).status == 400)
    refused(try change("replace", ["role": "root", "old": "ben"], studio), 422, "there is no key")
    try agree(studio)

    #expect(try replace("root", "ben", "dora").status == 200)
    #expect(try replace("targets", "kits", "publisher").status == 200)
    // The new keys alone are too few: of the keys before, two must sign, too.
    let half = try sign(studio, "anna", "dora", "publisher", "online")
    #expect(half["published"] as? [String] == [])
    let step = ((half["channel"] as? [String: Any])?["steps"] as? [[String: Any]])?.first
    #expect(step?["role"] as? String == "root" && step?["lacking"] as? Int == 1, "\(step ?? [:])")
    let whole = try sign(studio, "chris", "online")
    #expect((whole["published"] as? [String])?.contains("root 2") == true, "\(whole)")
    try agree(studio)
    // The key that went signs nothing any more.
    #expect(try change("renew", ["role": "root"], studio).status == 200)
    refused(try change("sign", ["keys": try keys(["ben"], "key")], studio), 422, "signs nothing that waits")
    _ = try sign(studio, "anna", "dora")

    // The daily job signs snapshot and timestamp, with the new key of both.
    #expect(try replace("online", "online", "ben").status == 200)
    let job = try sign(studio, "anna", "dora", "ben")
    #expect((job["published"] as? [String])?.contains("timestamp 3") == true, "\(job)")
    let roles = try #require(try status()["roles"] as? [[String: Any]])
    #expect(roles.filter { $0["keys"] as? [String] == ["ben"] }.compactMap { $0["name"] as? String }.count == 2)
    try agree(studio)
  }

  @Test("names and links lead nowhere else, foreign pages change nothing, and a read-only studio shows")
  func safety() throws {
    let studio = try StudioProgram([], in: place.directory)
    for name in ["", "..", "../x", "a/b", ".hid", "-x", "<b>", "a\u{1B}[31m", String(repeating: "a", count: 61)] {
      #expect(try make(studio, ["name": name]).status == 422, "\(name)")
    }
    refused(try make(studio, ["name": "p/kits"]), 422, "cannot name a directory")
    refused(try make(studio, ["name": "anna.key"]), 422, "is no directory")
    refused(try make(studio, ["threshold": 4]), 422, "4 signatures of 3 keys are impossible")
    refused(try make(studio, ["root": try keys(["anna", "anna"], "pub")]), 422, "2 signatures of 1 keys")
    refused(try make(studio, ["online": try keys(["online"], "key")]), 422, "secret key")
    let strange = [["name": "a\u{1B}[31m", "key": try file("anna.pub")]]
    refused(try make(studio, ["targets": strange]), 422, "cannot be shown")
    #expect(!Files.exists("\(place.directory)/web"))
    _ = try make(studio)
    for path in ["/api/1/channels/..", "/api/1/channels/p", "/api/1/channels/%2E%2E%2Fweb"] {
      #expect(try studio.get(path).status >= 400, "\(path)")
    }
    // Another page's request has neither the cookie nor the header.
    let foreign = try studio.exchange(
      "POST \(at)/remove HTTP/1.1",
      [
        "Host: \(studio.host)", "Cookie: \(studio.cookie)", "Origin: http://example.org",
        "Content-Type: application/json",
      ], body: "{}")
    #expect(foreign.status == 403)
    #expect(try studio.exchange("GET \(at) HTTP/1.1", ["Host: \(studio.host)"]).status == 401)
    // A directory in which a link leads elsewhere is left alone.
    try Files.makeDirectory("\(place.directory)/else")
    try FileManager.default.removeItem(atPath: "\(place.directory)/web/targets")
    #expect(symlink("\(place.directory)/else", "\(place.directory)/web/targets") == 0)
    refused(try studio.get(at), 422, "is a link")
    try FileManager.default.removeItem(atPath: "\(place.directory)/web/targets")
    try Files.makeDirectory("\(place.directory)/web/targets")
    #expect(symlink("\(place.directory)/web", "\(place.directory)/other") == 0)
    #expect(try studio.get("/api/1/channels/other").status == 404)

    let reader = try StudioProgram(["p", "--read-only"], in: place.directory)
    #expect(try reader.get(at).status == 200)
    for act in ["kits", "roll", "remove", "renew", "replace", "recall", "sign"] {
      #expect(try reader.post("\(at)/\(act)", #"{"version": ""}"#).status == 403, "\(act)")
    }
    #expect(try make(reader, ["name": "more"]).status == 403)
    #expect(try Files.list("\(place.directory)/else").isEmpty)
  }

  @Test("keys and passphrases reach no answer, no file and no line that the program prints")
  func secrets() throws {
    let studio = try StudioProgram([], in: place.directory)
    let phrase = "four words that nobody guesses"
    // A key that is opened in a moment.
    let own = try SecretKey.generate()
    let cost = SecretKey.Cost(operations: 1 << 15, memory: 1 << 20)
    try own.write(to: "\(place.directory)/locked.key", passphrase: Array(phrase.utf8), cost: cost)
    let secret = try file("locked.key")
    let open = String(decoding: own.publicKey.file, as: UTF8.self)
    _ = try make(studio, ["targets": [["name": "kits", "key": open]]])
    let key: [String: Any] = ["name": "kits", "key": secret]
    var answers = [try change("sign", ["keys": [key]], studio)]
    refused(answers[0], 422, #""code":"passphrase""#)
    answers.append(try change("sign", ["keys": [key.merging(["passphrase": "wrong words here"]) { $1 }]], studio))
    #expect(answers[1].status == 422)
    answers.append(try change("sign", ["keys": [key.merging(["passphrase": phrase]) { $1 }]], studio))
    #expect(answers[2].status == 200, "\(answers[2].text)")
    let line = try #require(secret.split(separator: "\n").dropFirst().first)
    var texts = answers.map(\.text) + [String(decoding: try Files.read(studio.output), as: UTF8.self)]
    for case let name as String in try #require(FileManager.default.enumerator(atPath: "\(place.directory)/web"))
    where !Files.isDirectory("\(place.directory)/web/\(name)") {
      texts.append(try file("web/\(name)"))
    }
    #expect(texts.count > 6)
    for text in texts { #expect(!text.contains(line) && !text.contains("nobody") && !text.contains("wrong words")) }
  }

  @Test("receipts from files and archives are counted, the forged ones are named, and what is missing is a table")
  func receipts() throws {
    let studio = try StudioProgram([], in: place.directory)
    let kit = try KitFile(path: "\(place.directory)/p/kits/\(try build("1.0"))")
    _ = try make(studio)
    _ = try add("p-1.0.kit", studio)
    _ = try sign(studio, "anna", "ben", "kits", "online")
    let devices = try (0..<4).map { _ in try SecretKey.generate() }
    for (index, device) in devices.prefix(3).enumerated() {
      let stick = "\(place.directory)/stick\(index / 2)"
      try Files.makeDirectory(stick)
      let held = Receipt.Kit(
        name: "p", version: index == 0 ? "0.9" : "1.0", sha256: index == 0 ? Digest.sha256("old") : kit.sha256)
      try Receipt.write(to: stick, signedBy: device, after: 0, kit: held, channel: 1)
    }
    var files: [[String: Any]] = try Files.list("\(place.directory)/stick0").map {
      ["name": $0, "text": try file("stick0/\($0)")]
    }
    let forged = try #require(files[0]["text"] as? String).replacing(#"\"number\" : 1"#, with: #"\"number\" : 9"#)
      .replacing(#"\"number\":1"#, with: #"\"number\":9"#)
    files.append(["name": "<b>.receipt.json", "text": forged])
    #expect(try studio.post("\(at)/receipts", try body(["files": files])).status == 200)
    // A folder of another stick, packed.
    let zip = Process()
    zip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    zip.arguments = ["zip", "-q", "-r", "stick.zip", "stick1"]
    zip.currentDirectoryURL = URL(fileURLWithPath: place.directory)
    try zip.run()
    zip.waitUntilExit()
    let archive = try Files.read("\(place.directory)/stick.zip")
    #expect(try studio.upload("\(at)/receipts/archive?name=stick.zip", archive).status == 200)
    refused(try studio.upload("\(at)/receipts/archive?name=x.zip", Array("PK no".utf8)), 422, "ZIP")
    refused(try studio.post("\(at)/receipts/registered", try body(["text": "x\n"])), 422, "line 1: 'x' is no id")
    let list = devices.map { "\($0.publicKey.id)  # a shelter" }.joined(separator: "\r\n")
    let answer = try json(try studio.post("\(at)/receipts/registered", try body(["text": list])))
    let view = try #require(answer["receipts"] as? [String: Any])
    #expect(view["devices"] as? Int == 3 && view["lackingCount"] as? Int == 1 && view["unheardCount"] as? Int == 1)
    #expect(view["lacking"] as? [String] == ["\(devices[0].publicKey.id)"])
    #expect(view["unheard"] as? [String] == ["\(devices[3].publicKey.id)"])
    #expect(view["faultCount"] as? Int == 1)
    #expect((view["faults"] as? [String])?.first?.hasPrefix("<b>.receipt.json: ") == true)
    let kits = try #require(view["kits"] as? [[String: Any]])
    #expect(kits.map { $0["devices"] as? Int } == [2, 1] && kits[0]["isNewest"] as? Bool == true)
    // The command line counts the same.
    let line = try place.run("channel", "receipts", "stick0", "stick1", "--channel", "web", "--json")
    let counted = try #require(try JSONSerialization.jsonObject(with: Data(line.output.utf8)) as? [String: Any])
    #expect(counted["devices"] as? Int == 3 && counted["lacking"] as? [String] == view["lacking"] as? [String])
    let table = try studio.get("\(at)/receipts/devices")
    #expect(table.headers["content-type"] == "text/csv; charset=utf-8")
    #expect(table.text.components(separatedBy: "\r\n").count == 6)
    #expect(table.text.contains("\(devices[3].publicKey.id),,,,,,left no receipt"))
    #expect(table.text.contains("\(devices[0].publicKey.id),p,0.9,\(Digest.sha256("old")),1,1,lacks the newest"))
    #expect(try json(try studio.post("\(at)/receipts/end", "{}"))["receipts"] == nil)
    #expect(try studio.get("\(at)/receipts/devices").status == 404)
    #expect(try studio.post("/api/1/channels/none/receipts", #"{"files": []}"#).status == 404)
  }
}
