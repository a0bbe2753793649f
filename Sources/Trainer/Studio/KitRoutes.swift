import Encoding
import Kit
import KitBuilder
import Posix
import Web

extension Studio {
  /// The routes for keys and for the kits of a project.
  var kitRoutes: [Route] {
    let project = "/api/1/projects/:project"
    return [
      Route("POST", "/api/1/keys") { request throws(Refusal) in try self.makeKeys(request) },
      Route("GET", project + "/kits") { request throws(Refusal) in
        let store = try self.store(request)
        let workspace = try store.read().workspace
        let project = workspace.project
        let shelf = KitShelf(store.directory)
        return .json(
          KitsView(
            directory: shelf.directory.string, name: project.name, version: project.version,
            lines: DeviceLinesView(workspace), kits: self.kits.views(of: shelf),
            known: self.kits.keys.map(\.id.description), job: self.jobs.running(.build, project: store.id),
            last: self.kits.build(project: store.id)))
      },
      Route("POST", project + "/build") { request throws(Refusal) in try self.startBuild(request) },
      Route("GET", project + "/kits/:kit") { request throws(Refusal) in
        let shelf = KitShelf(try self.store(request).directory)
        let name = request["kit"]
        let file = try shelf.open(name)
        // A kit that replaces this one is another file.
        let stamp = FileStamp.of(shelf.directory.appending(name).string) ?? ""
        var response = WebResponse.file(
          file, type: KitLayout.mimetypeContent, tag: Digest.sha256(stamp), cache: "no-store", for: request.head)
        response.headers.append((name: "Content-Disposition", value: "attachment"))
        return response
      },
      Route("POST", project + "/kits/:kit/verify") { request throws(Refusal) in try self.verify(request) },
      Route("GET", project + "/kits/:kit/clips/:language/:voice/:item") { request throws(Refusal) in
        let kit = try KitShelf(try self.store(request).directory).kit(request["kit"])
        guard
          let clip = kit.bundle(request["language"])?.clips.first(where: {
            $0.item == request["item"] && $0.voice == request["voice"]
          })
        else { throw Refusal(404, "not-found", "the kit has no such clip", "reload the page") }
        do throws(KitError) {
          return .content(
            try kit.bytes(of: clip), type: "audio/ogg", tag: clip.sha256, cache: "no-cache", for: request.head)
        } catch { throw Refusal(422, "refused", "\(error)", "build the kit again") }
      },
      Route("GET", project + "/compare") { request throws(Refusal) in
        let shelf = KitShelf(try self.store(request).directory)
        let (before, after) = (request.query["old"] ?? "", request.query["new"] ?? "")
        let (old, new) = (try shelf.kit(before), try shelf.kit(after))
        do throws(KitError) {
          return .json(ComparisonView(try KitComparison(old, new), before: before, after: after))
        } catch { throw Refusal(422, "refused", "\(error)", "build the kit again") }
      },
    ]
  }

  /// Makes a pair of keys. A weak passphrase is refused until the person insists.
  private func makeKeys(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable {
      var passphrase: String
      var weak: Bool?
    }
    try requireWritable()
    let wish = try request.decode(Wish.self)
    if wish.passphrase.isEmpty {
      throw Refusal(422, "passphrase", "there is no passphrase", "enter one of four or more words")
    }
    var phrase = Array(wish.passphrase.utf8)
    defer { SecretText.wipe(&phrase) }
    if wish.weak != true, let weakness = PassphraseWeakness.find(in: phrase) {
      throw Refusal(
        422, "weak", "this passphrase is weak: it \(weakness); anyone who copies the key can guess it",
        "use four or more words")
    }
    return .json(try kits.makeKeys(passphrase: wish.passphrase), status: 201)
  }

  /// Verifies a kit by the key in the request, or by those that are known.
  private func verify(_ request: WebRequest) throws(Refusal) -> WebResponse {
    struct Wish: Decodable { var key: String? }
    let wish = try request.decode(Wish.self)
    let shelf = KitShelf(try store(request).directory)
    let name = request["kit"]
    guard shelf.names.contains(name) else {
      throw Refusal(404, "not-found", "there is no kit '\(name)'", "reload the page")
    }
    var trusted = TrustedKeys(kits.keys)
    if let text = wish.key {
      do throws(KeyError) {
        let key = try PublicKey(content: Array(text.utf8), named: "the key")
        kits.remember(key)
        trusted = TrustedKeys([key])
      } catch { throw Refusal(422, "key", "\(error)", "choose the publisher's .pub file") }
    }
    if trusted.keys.isEmpty {
      throw Refusal(
        422, "key", "no public key is known by which the kit can be verified", "choose the publisher's .pub file")
    }
    return .json(Self.verification(of: shelf.directory.appending(name).string, name: name, by: trusted))
  }

  /// Verifies a kit as `firstword verify` does.
  static func verification(of path: String, name: String, by trusted: TrustedKeys) -> VerificationView {
    do throws(KitError) {
      let kit = try KitFile(path: path)
      let result = try kit.verifyAll(trustedBy: trusted)
      let known = Set(trusted.keys.map(\.id))
      return VerificationView(
        file: name, whole: result.faults.isEmpty,
        signers: kit.claimedSigners.map(\.key).filter(known.contains).map(\.description),
        comment: result.signer.comment, clips: result.clips, faults: result.faults.map(\.description))
    } catch { return VerificationView(file: name, whole: false, faults: ["\(error)"]) }
  }
}
