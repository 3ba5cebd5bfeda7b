/**
 * The policies that cairn brings along, as texts by name: policies/*.yaml, written here by scripts/embed-policies.js.
 */
export const builtInPolicies: ReadonlyMap<string, string> = new Map([
  [
    'research-default',
    `# research-default: what a research result must show before it is called a candidate or accepted.
# docs/guides/policies.md explains how to read it, and how to build on it.
schema: cairn.policy-file/1
name: research-default
version: "1"

# Empty: the check that needs it is not made.
thresholds:
  mean_ic_min: 0.02
  t_stat_min: 2.5
  p_value_max: 0.05
  deflated_sharpe_min: 1.0
  rc_p_value_max: 0.05
  rc_min_completed_percent: 95
  regimes_min: 2
  regime_mean_ic_min: 0.0
  liquidity_usd_min:
  participation_rate_max:
  dataset_hash_algorithms: [sqlite_logical_v2, cairn.dataset/1]
  seed_versions: [1, "1"]
  bundle_schema_versions: [1, "1"]
  rc_schema_versions: [1, "1"]
  attestation_schema_versions: [1, "1"]

levels:
  candidate:
    evidence: [validation_bundle, regime_summary, execution_evidence]
    pins: [dataset_id_v2, run_key, engine_version, config_version]
    waivable:
      - { subject: execution_evidence, roles: [approver, admin], reasonRequired: true }
  accepted:
    like: candidate
    approvals:
      - { role: approver, count: 1 }
  exploratory:
    like: candidate
    enforce: warn
    waivable: []

checks:
  # What the bundle is about
  - id: run_succeeded
    assert: run.status == "succeeded"
    message: the candidate's run ended as {run.status}
  - id: signal_name_matches
    role: validation_bundle
    assert: has(bundle.signal_name) && bundle.signal_name == candidate.signal_name
    message: the validation bundle is about the signal {bundle.signal_name}, and the candidate about {candidate.signal_name}
  - id: horizon_in_bundle
    role: validation_bundle
    assert: has(bundle.horizons) && bundle.horizons.exists(h, h == candidate.horizon || (type(h) == string && h == string(candidate.horizon)))
    message: the primary horizon {candidate.horizon} is none of the horizons of the validation bundle, {bundle.horizons}
  - id: primary_horizon_matches
    role: validation_bundle
    when: has(meta.primary_horizon)
    assert: meta.primary_horizon == candidate.horizon
    message: the bundle's primary horizon is {meta.primary_horizon}, and the candidate's {candidate.horizon}
  - id: dataset_id_matches
    role: validation_bundle
    assert: >-
      candidate.dataset_id in run.dataset_ids
      || (has(bundle.dataset_id) && type(bundle.dataset_id) == string && bundle.dataset_id == candidate.dataset_id)
    message: the candidate claims the dataset {candidate.dataset_id}, which is neither its run's ({run.dataset_ids}) nor the bundle's ({bundle.dataset_id})

  # The data behind it
  - id: dataset_hash_mode_strict
    role: validation_bundle
    assert: has(meta.dataset_hash_mode) && meta.dataset_hash_mode == "STRICT"
    message: dataset_hash_mode is {meta.dataset_hash_mode}; only STRICT may be promoted
  - id: dataset_hash_algo_known
    role: validation_bundle
    assert: has(meta.dataset_hash_algo) && meta.dataset_hash_algo in thresholds.dataset_hash_algorithms
    message: dataset_hash_algo is {meta.dataset_hash_algo}, none of {thresholds.dataset_hash_algorithms}
  - id: run_dataset_mode_strict
    assert: run.dataset_modes.all(mode, mode == "STRICT")
    message: a dataset of the candidate's run is not STRICT ({run.dataset_modes})
  - id: run_dataset_algorithm_known
    assert: run.dataset_algorithms.all(algorithm, algorithm in thresholds.dataset_hash_algorithms)
    message: a dataset of the candidate's run has an unknown algorithm ({run.dataset_algorithms})
  - id: seed_version_known
    role: validation_bundle
    assert: has(meta.seed_version) && meta.seed_version in thresholds.seed_versions
    message: seed_version is {meta.seed_version}, none of {thresholds.seed_versions}
  - id: bundle_schema_version_known
    role: validation_bundle
    assert: has(meta.validation_bundle_schema_version) && meta.validation_bundle_schema_version in thresholds.bundle_schema_versions
    message: validation_bundle_schema_version is {meta.validation_bundle_schema_version}, none of {thresholds.bundle_schema_versions}

  # Walk-forward runs: no fold looks ahead. A split plan in evidence is recomputed besides, whatever stands here.
  - id: walk_forward_declared
    role: validation_bundle
    severity: warn
    assert: has(meta.walk_forward_used)
    message: the validation bundle does not say whether the run is walk-forward (walk_forward_used)
  - id: fold_attestation_present
    when: run.walk_forward
    assert: size(attestation) > 0
    message: the run is walk-forward, and there is no fold-causality attestation
  - id: fold_attestation_version_known
    role: fold_causality_attestation
    when: run.walk_forward && size(attestation) > 0
    assert: >-
      has(attestation.fold_causality_attestation_schema_version)
      && attestation.fold_causality_attestation_schema_version in thresholds.attestation_schema_versions
    message: >-
      the schema version of the fold-causality attestation is {attestation.fold_causality_attestation_schema_version}, none of
      {thresholds.attestation_schema_versions}
  - id: train_only_fit_enforced
    role: fold_causality_attestation
    when: run.walk_forward && size(attestation) > 0
    assert: has(enforcement.train_only_fit_enforced) && enforcement.train_only_fit_enforced == true
    message: train_only_fit_enforced is {enforcement.train_only_fit_enforced} in the fold-causality attestation; it must be true
  - id: purge_applied
    role: fold_causality_attestation
    when: run.walk_forward && size(attestation) > 0
    assert: has(enforcement.purge_applied) && enforcement.purge_applied == true
    message: purge_applied is {enforcement.purge_applied} in the fold-causality attestation; it must be true
  - id: embargo_applied
    role: fold_causality_attestation
    when: run.walk_forward && size(attestation) > 0
    assert: has(enforcement.embargo_applied) && enforcement.embargo_applied == true
    message: embargo_applied is {enforcement.embargo_applied} in the fold-causality attestation; it must be true
  - id: no_future_rows_in_fit
    role: fold_causality_attestation
    when: run.walk_forward && size(attestation) > 0
    assert: has(enforcement.no_future_rows_in_fit) && enforcement.no_future_rows_in_fit == true
    message: no_future_rows_in_fit is {enforcement.no_future_rows_in_fit} in the fold-causality attestation; it must be true

  # Reality Check
  - id: rc_schema_version_known
    role: rc_summary
    when: has(evidence.rc_summary)
    assert: has(rc_summary.rc_summary_schema_version) && rc_summary.rc_summary_schema_version in thresholds.rc_schema_versions
    message: rc_summary_schema_version is {rc_summary.rc_summary_schema_version}, none of {thresholds.rc_schema_versions}
  - id: rc_simulations_made
    role: rc_summary
    when: has(evidence.rc_summary)
    assert: >-
      has(rc_summary.requested_n_sim) && has(rc_summary.actual_n_sim)
      && rc_summary.requested_n_sim > 0
      && double(rc_summary.actual_n_sim) * 100.0 >= double(rc_summary.requested_n_sim) * double(thresholds.rc_min_completed_percent)
    message: >-
      {rc_summary.actual_n_sim} of {rc_summary.requested_n_sim} requested simulations were made; {thresholds.rc_min_completed_percent} %
      must be
  - id: rc_p_value
    when: has(thresholds.rc_p_value_max)
    assert: has(rc.rc_p_value) && rc.rc_p_value >= 0.0 && rc.rc_p_value <= thresholds.rc_p_value_max
    message: the Reality Check p-value is {rc.rc_p_value}; it must be at most {thresholds.rc_p_value_max}
  - id: rw_adjusted_p_values_present
    when: has(rc.rw_enabled) && rc.rw_enabled
    assert: has(rc.rw_adjusted_p_values) && size(rc.rw_adjusted_p_values) > 0
    message: Romano-Wolf is on, and there are no adjusted p-values
  - id: rw_one_for_each_hypothesis
    when: has(rc.rw_enabled) && rc.rw_enabled && has(rc.rw_adjusted_p_values)
    assert: >-
      has(rc.hypothesis_ids) && size(rc.hypothesis_ids) == size(rc.rw_adjusted_p_values)
      && (type(rc.rw_adjusted_p_values) == list || rc.hypothesis_ids.all(id, id in rc.rw_adjusted_p_values))
    message: the adjusted p-values are not one for each hypothesis of {rc.hypothesis_ids}, in order
  - id: rw_p_values_in_range
    when: has(rc.rw_enabled) && rc.rw_enabled && has(rc.rw_adjusted_p_values)
    assert: >-
      type(rc.rw_adjusted_p_values) == list
      ? rc.rw_adjusted_p_values.all(p, p != null && p >= 0.0 && p <= 1.0)
      : rc.rw_adjusted_p_values.all(id, rc.rw_adjusted_p_values[id] >= 0.0 && rc.rw_adjusted_p_values[id] <= 1.0)
    message: an adjusted p-value is missing or not between 0 and 1 ({rc.rw_adjusted_p_values})
  - id: rw_none_skipped
    when: has(rc.rw_enabled) && rc.rw_enabled && has(rc.rw_skipped_reason)
    assert: rc.rw_skipped_reason == ""
    message: "Romano-Wolf was skipped: {rc.rw_skipped_reason}"

  # Values that are given twice
  - id: rc_p_value_same
    role: rc_summary
    when: has(rc_summary.rc_p_value) && has(meta.rc_p_value)
    assert: rc_summary.rc_p_value == meta.rc_p_value
    message: rc_p_value is {rc_summary.rc_p_value} in the Reality Check summary and {meta.rc_p_value} in the validation bundle
  - id: rw_enabled_same
    role: rc_summary
    when: has(rc_summary.rw_enabled) && has(meta.rw_enabled)
    assert: rc_summary.rw_enabled == meta.rw_enabled
    message: rw_enabled is {rc_summary.rw_enabled} in the Reality Check summary and {meta.rw_enabled} in the validation bundle
  - id: rw_adjusted_p_values_same
    role: rc_summary
    when: has(rc_summary.rw_adjusted_p_values) && has(meta.rw_adjusted_p_values)
    assert: rc_summary.rw_adjusted_p_values == meta.rw_adjusted_p_values
    message: rw_adjusted_p_values differ between the Reality Check summary and the validation bundle
  - id: rw_skipped_reason_same
    role: rc_summary
    when: has(rc_summary.rw_skipped_reason) && has(meta.rw_skipped_reason)
    assert: rc_summary.rw_skipped_reason == meta.rw_skipped_reason
    message: rw_skipped_reason differs between the Reality Check summary and the validation bundle
  - id: seed_version_same
    role: rc_summary
    when: has(rc_summary.seed_version) && has(meta.seed_version)
    assert: rc_summary.seed_version == meta.seed_version
    message: seed_version is {rc_summary.seed_version} in the Reality Check summary and {meta.seed_version} in the validation bundle
  - id: mean_ic_same
    role: validation_bundle
    when: has(summary.mean_ic) && has(meta.mean_ic)
    assert: summary.mean_ic == meta.mean_ic
    message: mean_ic is {summary.mean_ic} at the horizon {candidate.horizon} and {meta.mean_ic} in meta
  - id: t_stat_same
    role: validation_bundle
    when: has(summary.t_stat) && has(meta.t_stat)
    assert: summary.t_stat == meta.t_stat
    message: t_stat is {summary.t_stat} at the horizon {candidate.horizon} and {meta.t_stat} in meta
  - id: p_value_same
    role: validation_bundle
    when: has(summary.p_value) && has(meta.p_value)
    assert: summary.p_value == meta.p_value
    message: p_value is {summary.p_value} at the horizon {candidate.horizon} and {meta.p_value} in meta
  - id: deflated_sharpe_same
    role: validation_bundle
    when: has(summary.deflated_sharpe) && has(meta.deflated_sharpe)
    assert: summary.deflated_sharpe == meta.deflated_sharpe
    message: deflated_sharpe is {summary.deflated_sharpe} at the horizon {candidate.horizon} and {meta.deflated_sharpe} in meta
  - id: fold_attestation_version_same
    role: fold_causality_attestation
    when: >-
      has(attestation.fold_causality_attestation_schema_version) && has(meta.fold_causality_attestation_schema_version)
    assert: attestation.fold_causality_attestation_schema_version == meta.fold_causality_attestation_schema_version
    message: >-
      the schema version of the fold-causality attestation is {attestation.fold_causality_attestation_schema_version} in itself and
      {meta.fold_causality_attestation_schema_version} in the validation bundle

  # Metrics at the primary horizon
  - id: ic_summary_present
    role: validation_bundle
    assert: size(summary) > 0
    message: the validation bundle has no IC summary of the horizon {candidate.horizon}
  - id: mean_ic
    role: validation_bundle
    when: size(summary) > 0
    assert: has(summary.mean_ic) && summary.mean_ic >= thresholds.mean_ic_min
    message: mean_ic is {summary.mean_ic} at the horizon {candidate.horizon}; it must be at least {thresholds.mean_ic_min}
  - id: t_stat
    role: validation_bundle
    when: size(summary) > 0
    assert: has(summary.t_stat) && summary.t_stat >= thresholds.t_stat_min
    message: t_stat is {summary.t_stat} at the horizon {candidate.horizon}; it must be at least {thresholds.t_stat_min}
  - id: p_value
    role: validation_bundle
    when: has(summary.p_value) || has(meta.p_value)
    assert: "has(summary.p_value) ? summary.p_value <= thresholds.p_value_max : meta.p_value <= thresholds.p_value_max"
    message: p_value is {metrics.p_value}; it must be at most {thresholds.p_value_max}
  - id: deflated_sharpe
    role: validation_bundle
    when: has(summary.deflated_sharpe) || has(meta.deflated_sharpe)
    assert: >-
      has(summary.deflated_sharpe)
      ? summary.deflated_sharpe >= thresholds.deflated_sharpe_min
      : meta.deflated_sharpe >= thresholds.deflated_sharpe_min
    message: deflated_sharpe is {metrics.deflated_sharpe}; it must be at least {thresholds.deflated_sharpe_min}

  # Regimes
  - id: regimes_sampled
    role: regime_summary
    when: has(thresholds.regimes_min)
    assert: metrics.regimes >= thresholds.regimes_min
    message: "{metrics.regimes} regimes have samples, \`unknown\` excluded; there must be {thresholds.regimes_min}"
  - id: regime_mean_ic
    role: regime_summary
    when: has(thresholds.regime_mean_ic_min)
    assert: regimes.all(row, row.mean_ic >= thresholds.regime_mean_ic_min)
    message: the worst regime has a mean IC of {metrics.regime_worst_mean_ic}; it must be at least {thresholds.regime_mean_ic_min}

  # Execution
  - id: capacity_curve_present
    role: execution_evidence
    assert: has(evidence.capacity_curve)
    message: there is no capacity_curve in evidence
  - id: max_participation_rate_present
    role: execution_evidence
    assert: has(execution.max_participation_rate) && execution.max_participation_rate > 0.0
    message: max_participation_rate is {execution.max_participation_rate} in the execution evidence; it must be given and above 0
  - id: fee_bps_present
    role: execution_evidence
    assert: has(execution.cost_config) && has(execution.cost_config.fee_bps) && execution.cost_config.fee_bps >= 0.0
    message: fee_bps is {execution.cost_config.fee_bps} in the cost configuration; it must be given and not negative
  - id: slippage_bps_present
    role: execution_evidence
    assert: has(execution.cost_config) && has(execution.cost_config.slippage_bps) && execution.cost_config.slippage_bps >= 0.0
    message: slippage_bps is {execution.cost_config.slippage_bps} in the cost configuration; it must be given and not negative
  - id: min_liquidity_usd
    role: execution_evidence
    when: has(thresholds.liquidity_usd_min)
    assert: has(execution.min_liquidity_usd) && execution.min_liquidity_usd >= thresholds.liquidity_usd_min
    message: min_liquidity_usd is {execution.min_liquidity_usd}; it must be at least {thresholds.liquidity_usd_min}
  - id: max_participation_rate
    role: execution_evidence
    when: has(thresholds.participation_rate_max) && has(execution.max_participation_rate)
    assert: execution.max_participation_rate <= thresholds.participation_rate_max
    message: max_participation_rate is {execution.max_participation_rate}; it must be at most {thresholds.participation_rate_max}

  # Versions that are good to have
  - id: research_spec_version_matches_run
    role: validation_bundle
    when: has(meta.research_spec_version) && has(run.research_spec_version)
    assert: string(meta.research_spec_version) == run.research_spec_version
    message: research_spec_version is {meta.research_spec_version} in the validation bundle and {run.research_spec_version} in the candidate's run
  - id: research_spec_version_recommended
    levels: [accepted]
    severity: warn
    assert: (has(meta.research_spec_version) && string(meta.research_spec_version) != "") || has(run.research_spec_version)
    message: research_spec_version is not given; it is recommended for what is accepted
`,
  ],
  [
    'research-strict',
    `# research-strict: research-default with higher thresholds, a Reality Check and a split plan that must be there, and two approvers.
schema: cairn.policy-file/1
name: research-strict
version: "1"
extends: research-default

thresholds:
  mean_ic_min: 0.03
  t_stat_min: 3.0
  p_value_max: 0.01
  rc_p_value_max: 0.01
  rc_min_completed_percent: 99
  regimes_min: 3
  regime_mean_ic_min: 0.01
  liquidity_usd_min: 1000000
  participation_rate_max: 0.1

levels:
  candidate:
    evidence: [validation_bundle, rc_summary, regime_summary, execution_evidence, capacity_curve]
    pins: [dataset_id_v2, run_key, engine_version, config_version, research_spec_version]
    waivable: []
  accepted:
    like: candidate
    approvals:
      - { role: approver, count: 2 }

checks:
  - id: split_plan_present
    levels: [candidate, accepted]
    when: run.walk_forward
    assert: has(evidence.split_plan)
    message: the run is walk-forward, and there is no split_plan in evidence
  - id: code_committed
    levels: [accepted]
    assert: has(run.git_commit) && has(run.git_dirty) && !run.git_dirty
    message: "the candidate's run was made of code that is not committed (commit {run.git_commit}, changed: {run.git_dirty})"
`,
  ],
]);
