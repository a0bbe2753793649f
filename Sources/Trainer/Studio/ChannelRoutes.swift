import ChannelPublisher
import Diagnostics
import Encoding
import Kit
import Posix
import Project
import Web

/// A public key as the browser sends it: the name of its file without `.pub`, and its text.
private struct KeyWish: Decodable {
  var name: String
  var key: String
}

/// A new channel, as the options of `firstword channel new`.
private struct NewChannelWish: Decodable {
  var name: String
  var root: [KeyWish]
  var threshold: Int
  var targets: [KeyWish]
  var targetsThreshold: Int?
  var online: [KeyWish]
}

/// A change of a channel. `version` is what the person saw.
private struct ChannelWish: Decodable {
  var version: String
  var target: String?
  var role: String?
  // A kit that is added.
  var project: String?
  var kit: String?
  var trust: [String]?
  var allowDraft: Bool?
  // A key that is replaced: the name of the old one, and the new one.
  var old: String?
  var new: KeyWish?
  // A roll-out.
  var percent: Int?
  var paused: Bool?
  // A recall.
  var reason: String?
  var key: String?
  var passphrase: String?
}

/// Keys that sign. Their names come from their files.
private struct SignatureWish: Decodable {
  struct Key: Decodable {
    var name: String
    var key: String
    var passphrase: String?
  }
  var version: String
  var keys: [Key]
}

/// What signing did, and the channel afterwards.
private struct SignatureView: Encodable, Sendable {
  struct Signature: Encodable, Sendable {
    var key: String
    var role: String
    var version: Int
    var lacking: Int
  }
  var signed: [Signature]
  var published: [String]
  var channel: ChannelView
}

extension Studio {
  /// The routes of channels, as `firstword channel` changes them.
  var channelRoutes: [Route] {
    let channel = "/api/1/channels/:channel"
    return [
      Route("GET", "/api/1/channels") { _ throws(Refusal) in
        struct List: Encodable {
          var directory: String
          var channels: [ChannelHead]
        }
        return .json(List(directory: self.channels.directory, channels: self.channels.names.map(self.head(ofChannel:))))
      },
      Route("POST", "/api/1/channels") { request throws(Refusal) in try self.makeChannel(request) },
      Route("GET", channel) { request throws(Refusal) in
        let id = request["channel"]
        self.channels.announce(id)
        return .json(try self.channels.opening(id) { try self.view(of: $0, id) })
      },
      Route("GET", channel + "/root") { request throws(Refusal) in
        .download(
          try self.firstRoot(ofChannel: request["channel"]), type: "application/octet-stream", name: "1.root.json")
      },
      Route("POST", channel + "/kits") { request throws(Refusal) in try self.addKit(request) },
      Route("POST", channel + "/roll") { request throws(Refusal) in
        try self.change(request) { folder, wish in
          guard wish.percent.map((0...100).contains) ?? (wish.paused != nil) else { throw Self.incomplete }
          _ = try folder.roll(
            wish.target ?? "", percent: wish.percent, isPaused: wish.paused, now: .now)
        }
      },
      Route("POST", channel + "/remove") { request throws(Refusal) in
        try self.change(request) { folder, wish in _ = try folder.remove(wish.target ?? "", now: .now) }
      },
      Route("POST", channel + "/renew") { request throws(Refusal) in
        try self.change(request) { folder, wish in _ = try folder.rotate(wish.role ?? "", now: .now) }
      },
      Route("POST", channel + "/replace") { request throws(Refusal) in
        try self.change(request) { folder, wish in
          guard let role = wish.role, let old = wish.old else { throw Self.incomplete }
          let new = try Self.named([wish.new].compactMap { $0 }, role)
          for role in try Self.roles(sharing: role, in: folder) {
            _ = try folder.rotate(role, add: new, remove: [old], now: .now)
          }
        }
      },
      Route("POST", channel + "/recall") { request throws(Refusal) in try self.recallKit(request) },
      Route("POST", channel + "/sign") { request throws(Refusal) in try self.signChannel(request) },
    ]
  }

  private static let incomplete = Refusal(400, "bad-request", "the request lacks a value", "reload the page")

  private func head(ofChannel id: String) -> ChannelHead {
    channels.announce(id)
    do throws(Refusal) {
      return try channels.opening(id) { ChannelHead(id, $0.status(now: .now)) }
    } catch {
      return ChannelHead(id, problem: error.diagnostics.first.map { "\($0.message): \($0.remedy ?? "")" } ?? "")
    }
  }

  /// Reads the first root of a channel, the one file that a device gets by hand.
  func firstRoot(ofChannel id: String) throws(Refusal) -> [UInt8] {
    let bytes = try channels.opening(id) { folder -> [UInt8]? in
      try folder.firstRoot.map { try Files.read($0.path) }
    }
    if let bytes { return bytes }
    throw Refusal(404, "not-found", "the channel has no root yet", "sign it, and publish it")
  }

  /// Returns the view of an open channel.
  func view(of folder: ChannelFolder, _ id: String) throws -> ChannelView {
    try ChannelView(id, folder, channels.receipts(id))
  }

  /// Runs a change of a channel; what the library refuses is a refusal.
  static func publishing<Result>(_ body: () throws -> Result) throws(Refusal) -> Result {
    do { return try body() } catch let error as Refusal { throw error } catch let error as PublisherError {
      throw Refusal(422, "refused", error.cause, remedy(of: error))
    } catch let error as SystemError {
      throw Refusal(500, "failed", "\(error)", "look at the channel's directory, and try again")
    } catch { throw Refusal(422, "refused", "\(error)", "look at the channel's directory") }
  }

  /// Returns what a person does on the page.
  private static func remedy(of error: PublisherError) -> String {
    switch error {
    case .noChannel, .exists: "choose another name"
    case .damaged, .missing: "restore it from a copy of the channel"
    case .unknownRole, .noTarget, .unsigned: "look at the channel again"
    case .roleName: "choose another name"
    case .threshold: "choose fewer signatures, or more keys; a key counts once"
    case .uselessKey: "choose a key that the list of steps names"
    case .unknownKey, .knownKey: "look at the keys of the channel"
    case .content: "nothing was changed"
    case .keysMissing: "choose all of these keys at once"
    case .clock: "set the clock of this machine"
    }
  }

  /// Returns the roles whose keys change together: for `online`, the key of the daily job, those that it signs.
  private static func roles(sharing role: String, in folder: ChannelFolder) throws(Refusal) -> [String] {
    if role != "online" { return [role] }
    let job = folder.status(now: .now).roles.filter { ["snapshot", "timestamp"].contains($0.name) }
    if Set(job.map(\.keys)).count == 1 { return job.map(\.name) }
    throw Refusal(
      422, "refused", "snapshot and timestamp have different keys", "replace them with 'firstword channel rotate'")
  }

  /// Changes a channel as the person saw it; answers with what is there now if that is another state.
  private func change(
    _ request: WebRequest, _ body: (ChannelFolder, ChannelWish) throws -> Void
  ) throws(Refusal) -> WebResponse {
    try requireWritable()
    let wish = try request.decode(ChannelWish.self)
    return try change(request, seen: wish.version) { folder, id in
      try body(folder, wish)
      return try self.view(of: folder, id)
    }
  }

  private func change(
    _ request: WebRequest, seen version: String, _ body: (ChannelFolder, String) throws -> some Encodable & Sendable
  ) throws(Refusal) -> WebResponse {
    let id = request["channel"]
    let response = try channels.opening(id) { folder -> WebResponse in
      if folder.version != version { return .json(Conflict(current: try self.view(of: folder, id)), status: 409) }
      return .json(try body(folder, id))
    }
    publish(channel: id)
    return response
  }

  // MARK: A new channel

  private func makeChannel(_ request: WebRequest) throws(Refusal) -> WebResponse {
    try requireWritable()
    let wish = try request.decode(NewChannelWish.self)
    let path = try channels.path(ofNew: wish.name)
    let job = KeyChoice(try Self.named(wish.online, "the daily job"))
    let choices = [
      "root": KeyChoice(try Self.named(wish.root, "root"), threshold: wish.threshold),
      "targets": KeyChoice(try Self.named(wish.targets, "targets"), threshold: wish.targetsThreshold ?? 1),
      "snapshot": job, "timestamp": job,
    ]
    let view = try channels.judging { () throws(Refusal) -> ChannelView in
      try Self.publishing {
        try self.view(of: try ChannelFolder.make(path, choices: choices, now: .now), wish.name)
      }
    }
    publish(channel: wish.name)
    return .json(view, status: 201)
  }

  private static func named(_ keys: [KeyWish], _ role: String) throws(Refusal) -> [NamedPublicKey] {
    if keys.isEmpty { throw Refusal(422, "key", "there is no key for \(role)", "choose a .pub file") }
    var named: [NamedPublicKey] = []
    for wish in keys {
      try requireName(wish.name)
      do throws(KeyError) {
        let key = try PublicKey(content: Array(wish.key.utf8), named: "\(wish.name).pub")
        named.append(NamedPublicKey(name: wish.name, key: key))
      } catch { throw Refusal(422, "key", "\(error)", "choose the .pub file, not the .key file") }
    }
    return named
  }

  private static func requireName(_ name: String) throws(Refusal) {
    if !Shelf.isName(name) {
      throw Refusal(
        422, "refused", "the name of a key's file has a character that cannot be shown, or is too long",
        "rename it: letters, digits, hyphens and spaces, 60 at most")
    }
  }

  // MARK: Kits

  /// Verifies a kit of a project, every clip of it, and offers it.
  private func addKit(_ request: WebRequest) throws(Refusal) -> WebResponse {
    try requireWritable()
    let wish = try request.decode(ChannelWish.self)
    guard let name = wish.kit, let project = wish.project, let directory = shelf.project(project) else {
      throw Refusal(404, "not-found", "there is no such project or kit", "reload the page")
    }
    let percent = wish.percent ?? 100
    guard (0...100).contains(percent) else { throw Self.incomplete }
    // Outside of the lock: it takes a moment.
    let kit = try KitShelf(directory).kit(name)
    var trusted = kits.keys
    if let texts = wish.trust, !texts.isEmpty {
      trusted = []
      for text in texts {
        do throws(KeyError) { trusted.append(try PublicKey(content: Array(text.utf8), named: "the key")) } catch {
          throw Refusal(422, "key", "\(error)", "choose the publisher's .pub file")
        }
      }
      trusted.forEach(kits.remember)
    }
    if trusted.isEmpty {
      throw Refusal(
        422, "key", "no public key is known by which the kit can be verified", "choose the publisher's .pub file")
    }
    do throws(KitError) { try kit.signer(trustedBy: TrustedKeys(trusted)) } catch {
      throw Refusal(422, "key", "\(error)", "choose the .pub file of the key that signed it")
    }
    if let fault = kit.faults().first { throw Refusal(422, "refused", "\(fault)", "build the kit again") }
    return try change(request, seen: wish.version) { folder, id in
      _ = try folder.add(
        kit: kit, to: wish.role ?? "targets", percent: percent, acceptsDrafts: wish.allowDraft == true, now: .now)
      return try self.view(of: folder, id)
    }
  }

  private func recallKit(_ request: WebRequest) throws(Refusal) -> WebResponse {
    try requireWritable()
    let wish = try request.decode(ChannelWish.self)
    guard let text = wish.key else {
      throw Refusal(422, "key", "a recall is signed", "choose the .key file that signed the kit")
    }
    let reason = wish.reason?.split(whereSeparator: \.isWhitespace).joined(separator: " ") ?? ""
    guard (3...200).contains(reason.count) else {
      throw Refusal(422, "refused", "the reason has not 3 to 200 characters", "write why, for the people who have it")
    }
    let key = try kits.openKey(text, passphrase: wish.passphrase)
    return try change(request, seen: wish.version) { folder, id in
      _ = try folder.recall(
        kit: wish.target ?? "", reason: reason, day: Day.today(), signedBy: key, now: .now)
      return try self.view(of: folder, id)
    }
  }

  // MARK: Signatures

  /// Signs what waits, and publishes what is complete.
  private func signChannel(_ request: WebRequest) throws(Refusal) -> WebResponse {
    try requireWritable()
    let wish = try request.decode(SignatureWish.self)
    if wish.keys.isEmpty || wish.keys.count > 8 {
      throw Refusal(422, "key", "there is no key, or more than 8", "choose your .key file")
    }
    for key in wish.keys { try Self.requireName(key.name) }
    // A person signs what the page showed, so look before the slow opening of keys, too.
    let seen = try channels.opening(request["channel"]) { try self.view(of: $0, request["channel"]) }
    if seen.version != wish.version { return .json(Conflict(current: seen), status: 409) }
    var signers: [ChannelFolder.Signer] = []
    for key in wish.keys {
      signers.append(.init(name: key.name, key: try kits.openKey(key.key, passphrase: key.passphrase)))
    }
    return try change(request, seen: wish.version) { folder, id in
      let outcome = try folder.sign(with: signers, now: .now)
      if let failure = outcome.failure { throw failure }
      return SignatureView(
        signed: outcome.signed.map {
          .init(key: $0.name, role: $0.signature.role, version: $0.signature.version, lacking: $0.signature.lacking)
        }, published: outcome.published, channel: try self.view(of: folder, id))
    }
  }
}
