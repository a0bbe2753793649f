import Foundation

/// A validator for the part of JSON Schema (draft 2020-12) that `control.schema.json` uses: type, enum, const,
/// required, properties, additionalProperties, items, oneOf, minimum, maximum, minLength, pattern and $ref within the
/// document.
public struct Schema {
  private let root: [String: Any]

  /// The text is not a JSON object.
  public struct Unreadable: Error {}

  /// Parses a schema.
  public init(_ text: String) throws {
    guard let root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
      throw Unreadable()
    }
    self.root = root
  }

  /// Returns the faults of a line, validated against one of the schema's `$defs`; empty if it is valid.
  public func faults(_ line: String, as name: String) -> [String] {
    guard let value = try? JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed) else {
      return ["no JSON: \(line)"]
    }
    return faults(value, ["$ref": "#/$defs/\(name)"], "$")
  }

  private func faults(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    var found: [String] = []
    if let reference = schema["$ref"] as? String {
      guard let target = resolve(reference) else { return ["\(place): no \(reference)"] }
      found += faults(value, target, place)
    }
    if let type = schema["type"] as? String, !Self.isOf(type, value) { return found + ["\(place): is no \(type)"] }
    if let words = schema["enum"] as? [String], !words.contains(value as? String ?? "") {
      found.append("\(place): '\(value)' is none of \(words)")
    }
    if let constant = schema["const"] as? Int, constant != value as? Int { found.append("\(place): not \(constant)") }
    if let number = value as? Double {
      if let minimum = schema["minimum"] as? Double, number < minimum { found.append("\(place): under \(minimum)") }
      if let maximum = schema["maximum"] as? Double, number > maximum { found.append("\(place): over \(maximum)") }
    }
    if let text = value as? String {
      if let length = schema["minLength"] as? Int, text.count < length { found.append("\(place): too short") }
      if let pattern = schema["pattern"] as? String, text.range(of: pattern, options: .regularExpression) == nil {
        found.append("\(place): '\(text)' is not \(pattern)")
      }
    }
    if let list = value as? [Any], let items = schema["items"] as? [String: Any] {
      for (index, item) in list.enumerated() { found += faults(item, items, "\(place)[\(index)]") }
    }
    if let object = value as? [String: Any] { found += faults(of: object, schema, place) }
    if let choices = schema["oneOf"] as? [[String: Any]] {
      let fitting = choices.count { faults(value, $0, place).isEmpty }
      if fitting != 1 { found.append("\(place): fits \(fitting) of \(choices.count)") }
    }
    return found
  }

  private func faults(of object: [String: Any], _ schema: [String: Any], _ place: String) -> [String] {
    var found: [String] = []
    for key in schema["required"] as? [String] ?? [] where object[key] == nil { found.append("\(place): no \(key)") }
    let known = schema["properties"] as? [String: [String: Any]] ?? [:]
    for (key, value) in object {
      if let part = known[key] {
        found += faults(value, part, "\(place).\(key)")
      } else if schema["additionalProperties"] as? Bool == false {
        found.append("\(place): \(key) is not described")
      }
    }
    return found
  }

  private func resolve(_ reference: String) -> [String: Any]? {
    reference.split(separator: "/").dropFirst().reduce(root as [String: Any]?) { $0?[String($1)] as? [String: Any] }
  }

  private static func isOf(_ type: String, _ value: Any) -> Bool {
    let isFlag = (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
    switch type {
    case "object": return value is [String: Any]
    case "array": return value is [Any]
    case "string": return value is String
    case "boolean": return isFlag
    case "integer": return !isFlag && value is Int
    case "number": return !isFlag && value is Double
    default: return false
    }
  }
}
