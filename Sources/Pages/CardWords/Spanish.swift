extension CardWords {
  static let spanish = CardWords(
    draft: "BORRADOR (DRAFT): nadie ha aprobado estos textos. Solo para pruebas y formación.",
    responder: "Tarjeta de quien interviene", listener: "Tarjeta para señalar", poster: "Idiomas y señas",
    sheet: "Mensajes para leer",
    pointing: "Deje que la persona señale su idioma. El número es el del idioma: * y sus dos cifras.",
    reading:
      "Para personas que oyen mal. Señale un solo mensaje cada vez, y espere. No todo el mundo sabe leer.",
    contacts: "Llamar", buttons: "Botones", answers: "Las respuestas son señas", languages: "Idiomas",
    messages: "Mensajes", does: "Hacer", doesNot: "No hacer",
    held: "pulsación larga", digits: "dos cifras: un mensaje por su número",
    star: "y dos cifras: un idioma por su número", without: "sin",
    jurisdiction: "Depende del país: solo si es verdad donde usted está.",
    todo: [
      "Atienda primero lo que no puede esperar: heridas, peligro, menores.",
      "Vaya a un lugar tranquilo, lejos de todos los que acompañan a la persona.",
      "Llame ya a quien interprete. Los mensajes solo cubren la espera.",
      "Encuentre primero el idioma: deje que diga su nombre, o que la persona lo señale.",
      "Haga usted cada seña mientras suena su mensaje.",
      "Ponga un mensaje. Después espere y observe.",
      "Pulse parar en cuanto vea las dos manos abiertas extendidas, o si algo parece ir mal.",
      "Anote lo que se puso y se respondió, y entréguelo a quien interprete.",
    ],
    notToDo: [
      "No pregunte qué ha pasado. Eso viene después, con intérprete.",
      "No prometa lo que no pueda cumplir: papeles, ausencia de castigo, una hora.",
      "No tome por un sí un gesto de la cabeza o una sonrisa.",
      "No deje que interprete un acompañante, un menor o alguien que pasa.",
      "No ponga nada que pueda oír alguien a quien la persona quizá teme.",
      "No pregunte por qué alguien no quiere responder.",
      "No toque a la persona ni se ponga en su camino a la puerta.",
      "No anote nombres, no grabe voces, no haga fotos.",
    ],
    gestures: [
      .yes: Answer("Sí", "una mano levantada"), .no: Answer("No", "las dos manos abajo"),
      .notUnderstood: Answer("No entiendo", "las manos sobre las orejas"),
      .preferNot: Answer("No quiero responder", "los brazos cruzados sobre el pecho"),
      .stop: Answer("Parar", "las manos abiertas extendidas"),
    ],
    kinds: [
      .interpreter: "Intérprete", .hotline: "Línea de ayuda", .medical: "Ayuda médica", .police: "Policía",
      .shelter: "Alojamiento", .child: "Infancia y juventud", .legal: "Asesoría jurídica", .other: "Otros",
    ],
    modules: [
      "language": "Idioma", "answering": "Cómo responder", "opening": "Comienzo", "needs": "Necesidades",
      "safety": "Seguridad", "preference": "Deseos", "child": "Para menores", "information": "Información",
      "understanding": "Comprensión", "closing": "Final",
    ],
    controls: [
      "stop": "Parar", "repeat": "Repetir", "next-language": "Idioma siguiente",
      "previous-language": "Idioma anterior", "louder": "Más alto", "quieter": "Más bajo",
      "quiet": "Modo discreto, sí o no", "answer-yes": "Respuesta: sí", "answer-no": "Respuesta: no",
      "answer-unclear": "Respuesta: no entendió", "answer-declined": "Respuesta: no quiere responder",
    ])
}
