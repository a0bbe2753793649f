import Posix

// One message a press: through a module, or through all.

extension Console {
  /// Says the module's next message; after its last, the first again.
  mutating func walk(module: String, at time: Monotonic) -> [Effect] {
    if current == nil { return leave() + signal(.noLanguage, prompt: module) }
    if isHeld(at: time), let last, repertoire.prompt(last.prompt)?.module == module { return [] }
    // The children's own button requests them in any mode.
    let ids = sayable { $0.module == module && (module == Self.childModule || fits($0)) }
    // A gated prompt is a place to go on from, and none to come to.
    let after = place(in: ids).map { Array(ids[($0 + 1)...] + ids[...$0]) } ?? ids
    guard let next = after.first(where: isReached) else {
      return leave() + signal(.notAvailable, prompt: module, because: .recording)
    }
    return say(next, at: time)
  }

  /// Says the message before or after the last one; at the ends there is none.
  mutating func walk(by count: Int, at time: Monotonic) -> [Effect] {
    if current == nil { return signal(.noLanguage, prompt: nil) }
    if isHeld(at: time) { return [] }
    let ids = sayable { $0.module != ConsolePrompt.languageModule && fits($0) }
    var next = place(in: ids).map { $0 + count } ?? (count > 0 ? 0 : -1)
    while ids.indices.contains(next), !isReached(ids[next]) { next += count }
    guard ids.indices.contains(next) else { return signal(.notAvailable, prompt: nil, because: .furtherMessage) }
    return say(ids[next], at: time)
  }

  /// Returns the ids of these prompts that the chosen language can say, by number.
  private func sayable(_ isMeant: (Repertoire.Prompt) -> Bool) -> [String] {
    repertoire.prompts.filter { isMeant($0) && utterance($0.id) != nil }.map(\.id)
  }

  /// Returns whether stepping reaches a prompt: it never reaches a gated one.
  private func isReached(_ id: String) -> Bool { repertoire.prompt(id)?.gate == nil }

  private func fits(_ prompt: Repertoire.Prompt) -> Bool { repertoire.fits(prompt.id, children: isChildren) }

  private static let childModule = "child"

  private func place(in ids: [String]) -> Int? { wanted.flatMap(ids.firstIndex) }

  /// A second press of a shaking hand would skip a message.
  private func isHeld(at time: Monotonic) -> Bool { speech.playing != nil && last(isWithin: limits.again, at: time) }
}
