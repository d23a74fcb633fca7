"""The frozen vocabulary that every stage speaks: schema, predicate, plan, query, lead, change, run. Data, no verbs."""
